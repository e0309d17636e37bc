"""The HTTP API for machines: translates HTTP, decides nothing."""

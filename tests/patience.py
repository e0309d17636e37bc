"""The one limit of waiting: what has not come by then will not come. Nothing is expected to take so long, on however busy a machine."""

PATIENCE = 240.0  # seconds

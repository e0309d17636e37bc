"""Guides' filing: its course on one node and across two, who checks whom, and what it does in the catalogue."""

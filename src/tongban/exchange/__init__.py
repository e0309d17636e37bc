"""
Peers and what passes between nodes: anti-entropy per case and peer, receipts, content.

Leaves to `cases` what an event means.
"""

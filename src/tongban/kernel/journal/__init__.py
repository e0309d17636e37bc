"""
What has happened, written down once: events, the state that follows from them and its bounds, the one writer, the node's own
chain, and what proves them to others (statements, seals). Knows no rules; forms, fold and bounds need no database.
"""

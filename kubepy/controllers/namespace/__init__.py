"""Namespaces: a deleted one is emptied, then let go."""

"""A file a kind: what its objects may say and how they come out. See strategy.py."""

"""Keeps ranges of Services' addresses for as long as addresses of theirs are in use."""

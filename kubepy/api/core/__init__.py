"""The API group core."""

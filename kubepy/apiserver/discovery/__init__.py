"""What the apiserver says it serves."""

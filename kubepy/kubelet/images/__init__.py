"""Images on the node: when to pull, how to fail, what to throw away."""

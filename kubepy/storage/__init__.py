"""What the apiserver keeps, and where: one ordered log of writes to keys."""

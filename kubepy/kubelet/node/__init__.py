"""The Node object: what the machine offers, how it feels, that it is alive."""

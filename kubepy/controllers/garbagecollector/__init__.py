"""The garbage collector: what an owner leaves behind when it is deleted."""

"""Custom resources: kinds that are defined at run time."""

"""Admission plugins, a file each. `chain.py` says how they are asked."""

"""The cluster's root CA, published where every pod can read it."""

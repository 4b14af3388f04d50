"""Taint eviction: pods leave nodes whose NoExecute taints they do not tolerate any longer."""

"""Kubernetes' control plane and node agents, in Python."""

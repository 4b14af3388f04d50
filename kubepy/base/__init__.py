"""What kubepy builds on that knows nothing of Kubernetes."""

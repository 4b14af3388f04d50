"""The API group meta.k8s.io."""

"""The API group apidiscovery.k8s.io."""

"""Which Kubernetes this speaks like, and which kubepy it is."""

KUBEPY = "0.1.0"
KUBERNETES = "v1.36.2"

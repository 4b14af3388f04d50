"""CEL as Kubernetes speaks it: cel-cpp, with Kubernetes' functions and Kubernetes' words."""

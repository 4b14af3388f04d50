"""The container runtime as the kubelet sees it: CRI calls, events, what was observed."""

"""Node IPAM: each node gets a range of pod addresses of its own."""

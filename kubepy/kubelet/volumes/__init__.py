"""A pod's volumes: what lies in them, where they are on the node, how containers mount them."""

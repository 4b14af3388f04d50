"""The node agent: pods assigned to this node, turned into containers by a CRI runtime."""

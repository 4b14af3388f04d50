"""Pod garbage: pods whose node is gone, pods that ended in great number."""

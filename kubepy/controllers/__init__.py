"""kube-controller-manager: the loops that make the cluster what its objects say."""

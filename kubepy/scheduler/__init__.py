"""kube-scheduler: which node a pod shall run on."""

"""Deployments: one ReplicaSet a pod template, and the way from the old one to the new."""

"""The HTTP front end of the apiserver."""

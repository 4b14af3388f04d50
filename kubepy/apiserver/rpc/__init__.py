"""The gRPC front end of the apiserver."""

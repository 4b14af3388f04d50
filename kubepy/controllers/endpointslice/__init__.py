"""EndpointSlices: where the pods of a Service are, in pieces of bounded size."""

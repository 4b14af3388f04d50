"""A file a verb: what the server does with one request, once it is authorized."""

"""Endpoints: where the pods of a Service are, all in one object. Kept for who still reads them."""

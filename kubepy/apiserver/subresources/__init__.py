"""The subresources that are answered from the object itself."""

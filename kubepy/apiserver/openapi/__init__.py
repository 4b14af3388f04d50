"""The API described as OpenAPI documents."""

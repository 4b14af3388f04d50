"""The API server: one pipeline under two front ends. See DESIGN.md."""

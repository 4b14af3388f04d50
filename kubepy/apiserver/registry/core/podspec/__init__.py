"""The spec of pods, in a Pod and in every kind that has a template of one. See DESIGN.md."""

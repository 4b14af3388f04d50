"""Wire types: a module of frozen Structs for each group and version, derived from protos."""

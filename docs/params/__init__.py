"""The parameter file's page and its JSON Schema, made from the format."""

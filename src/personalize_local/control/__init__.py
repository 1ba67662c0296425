"""The control plane: one module per resource, one function per operation."""

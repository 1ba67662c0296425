"""What Amazon Personalize is, as data and pure functions: no I/O, no dependencies."""

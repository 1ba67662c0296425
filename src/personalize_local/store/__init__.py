"""What exists, and survives a crash."""

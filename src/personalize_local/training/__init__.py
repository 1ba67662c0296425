"""Dataset, split, fit, evaluate, artifact."""

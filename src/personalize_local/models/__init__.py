"""Recommenders as numbers: arrays in, scores out."""

"""Recommenders over row numbers: numpy and scipy in, scores out.

Every model has `scores(query) -> [items] float32`, higher is better, and is a frozen dataclass of arrays, numbers and
other models, so that `storage.py` can keep any of them.
"""

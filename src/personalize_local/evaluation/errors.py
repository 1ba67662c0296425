"""What a person can change: wrong files, wrong choices, too little data."""

from __future__ import annotations


class EvaluationError(Exception):
    """The evaluation cannot be made; the message says what to change."""

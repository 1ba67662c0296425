"""The ids of answers, which tell by themselves who answered: clients send them back with events, maybe weeks later.

An id is `RID-` and a UUID whose last 12 digits are a mark of the campaign or recommender; nothing has to be kept for
it. To clients it is opaque, and 40 characters long, which is what PutEvents takes.

Source: contract §9.25 for the length; that an id names its campaign by a mark is ours.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from personalize_local.jobs.unique_ids import new_uuid

MARK_LENGTH = 12


def new_recommendation_id(source_arn: str) -> str:
    """Give an id for one answer of a campaign or recommender."""
    return f"RID-{new_uuid()[:-MARK_LENGTH]}{mark_of(source_arn)}"


@lru_cache
def mark_of(source_arn: str) -> str:
    """Give the digits that ids of a campaign's or recommender's answers end in."""
    return hashlib.sha256(source_arn.encode()).hexdigest()[:MARK_LENGTH]


def mark_in(recommendation_id: str) -> str:
    """Give the digits of an id that are its mark."""
    return recommendation_id[-MARK_LENGTH:]

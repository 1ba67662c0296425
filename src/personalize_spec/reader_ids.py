"""Which of a reader's two ids is the user id: one rule for training data, for streamed events and for requests.

A reader who is signed in has `sp_user_id`; everybody has `sp_domain_userid`, the browser's. The first one counts where
it is not blank. A page sends the id that this rule gives as `visitor_id`.

Source: newspaper system §3.2, §5.1; the two rules that disagreed, §8 S-1.
"""

from __future__ import annotations

BLANKS = " \t\r\n"
MAX_CHARACTERS = 256  # Personalize's userId; documented


def reader_id(user_id: str | None, domain_user_id: str | None) -> str:
    """Give the user id; "" when there is neither."""
    return next((found for value in (user_id, domain_user_id) if (found := clean_id(value))), "")


def clean_id(value: str | None) -> str:
    """Give an id without blanks around it; "" for null and for what is no text."""
    return value.strip(BLANKS) if isinstance(value, str) else ""

"""How a refused filter expression is explained.

Source: the openings are AWS's (contract §2.6); what follows them is ours and says what to change.
"""

from __future__ import annotations

from personalize_spec.errors import InvalidInputException

OPENING = "Could not create filter."


def invalid_expression(position: int, text: str) -> InvalidInputException:
    """Explain a mistake at a character of the expression, counted from 1."""
    return InvalidInputException(f"{OPENING} Invalid Expression: at character {position}, {text}")


def invalid_filter(text: str) -> InvalidInputException:
    """Explain a mistake of the expression as a whole."""
    return InvalidInputException(f"{OPENING} Invalid Expression: {text}")


def placeholder_with_not_in(name: str) -> InvalidInputException:
    """Explain that NOT IN takes no placeholder. The first two sentences are observed AWS text."""
    return InvalidInputException(
        f"{OPENING} Invalid input symbol: ${name}. Placeholders are not allowed with NOT_IN operator. "
        f"List the values themselves, or swap INCLUDE and EXCLUDE and write IN (${name})."
    )

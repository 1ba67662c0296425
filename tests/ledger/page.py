"""The page of the ledger: what was checked of which operation, and where the claim comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from personalize_local.wire.models import operations
from tests.ledger.behaviours import BEHAVIOURS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ledger.md"
HEAD = """# Ledger

Every operation of Amazon Personalize and what a test checks of it; `pytest tests/ledger` compares this page with what
the checks find, `python -m tests.ledger.write` writes it again. A cell says where the claim comes from: *model*
(botocore's service models), *documented* (the developer guide and the API reference), *observed*, *inferred* (our
reading). A dash: nothing of the kind to check.

"""


def row(name: str, found: Mapping[str, str | None]) -> str:
    """Give an operation's line."""
    cells = [found[behaviour] or "–" for behaviour in BEHAVIOURS]
    return f"| {name} | {' | '.join(cells)} |"


def page(rows: Mapping[str, str]) -> str:
    """Give the whole page."""
    explained = [f"* **{name}**: {check.__doc__}" for name, check in BEHAVIOURS.items()]
    table = [f"| operation | {' | '.join(BEHAVIOURS)} |", f"|---|{'---|' * len(BEHAVIOURS)}"]
    return HEAD + "\n".join([*explained, "", *table, *(rows[name] for name in operations())]) + "\n"

"""One contract test over all operations; docs/ledger.md is what it found."""

import pytest

from personalize_local.wire.models import operations
from tests.ledger.behaviours import BEHAVIOURS
from tests.ledger.page import PAGE, page, row
from tests.town import copy_town


def look(name, folder):
    """Check every behaviour of an operation; good calls get a town of their own."""
    found = {}
    for place, behaviours in enumerate(
        (("request", "required", "types", "bounds"), ("answer",), ("errors",), ("states",))
    ):
        town = copy_town(folder / str(place))
        try:
            found |= {behaviour: BEHAVIOURS[behaviour](town, operations()[name]) for behaviour in behaviours}
        finally:
            town.world.close()
    return row(name, found)


@pytest.mark.parametrize("name", sorted(operations()))
def test_an_operation_keeps_its_contract(name, tmp_path):
    line = look(name, tmp_path)
    assert line in PAGE.read_text(encoding="utf-8").splitlines(), "write the ledger again: python -m tests.ledger.write"


def test_the_page_has_a_line_for_every_operation_and_no_other():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| ")}
    rows.pop("operation")
    assert list(rows) == list(operations())
    assert PAGE.read_text(encoding="utf-8") == page(rows)

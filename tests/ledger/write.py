"""Write docs/ledger.md: python -m tests.ledger.write"""

import tempfile
from pathlib import Path

from personalize_local.wire.models import operations
from tests.ledger.page import PAGE, page
from tests.ledger.test_ledger import look


def main() -> None:
    """Check every operation, and write down what was found."""
    with tempfile.TemporaryDirectory() as folder:
        rows = {name: look(name, Path(folder) / name) for name in operations()}
    PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Write docs/faithfulness.md: python -m docs.faithfulness"""

from docs.faithfulness.collect import collect
from docs.faithfulness.page import PAGE, page


def main() -> None:
    """Read the marked tests and write the page."""
    PAGE.write_text(page(collect()), encoding="utf-8")


if __name__ == "__main__":
    main()

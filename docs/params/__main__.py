"""Write docs/params.md and mlops/params.schema.json: python -m docs.params"""

from docs.params.page import files


def main() -> None:
    """Write both files."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""docs/params.md and mlops/params.schema.json are those of the format."""

from pathlib import Path

import pytest

from docs.params.page import files


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_the_file_is_made_of_the_format(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == files()[path], "run: python -m docs.params"

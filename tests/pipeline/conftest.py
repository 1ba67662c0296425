"""The pipeline's commands over a local service in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "mlops" / "personalize-step-functions"
sys.path += [str(PROJECT / "layer"), str(PROJECT)]

from tests.town import Town, copy_town  # noqa: E402


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A Personalize that has one of everything."""
    town = copy_town(tmp_path / "town")
    yield town
    town.world.close()

"""Steps compiled once for all tests."""

from __future__ import annotations

import pytest

from personalize_local.training.sequence.devices import keep_compiled


@pytest.fixture(scope="session", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what JAX compiles in a folder of this run."""
    keep_compiled(tmp_path_factory.mktemp("compiled"))

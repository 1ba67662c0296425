"""Statistics fitted in several processes of this machine are those of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from personalize_local.models import fitting
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.fitting import fitting_on
from personalize_local.models.storage import save_model
from personalize_local.spread.forks import Forks
from personalize_local.spread.spread import Here, Spread
from tests.spread.statistics import DATA, check_a_blend, check_counting_by_ranges


@pytest.mark.parametrize("spread", [Here(), Forks(2)])
def test_counts_of_ranges_of_users_add_up(spread: Spread) -> None:
    check_counting_by_ranges(spread)


def test_a_blend_is_that_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    check_a_blend(Forks(2), monkeypatch)


def test_parts_fitted_side_by_side_have_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one machine nothing is added up in another order."""
    monkeypatch.setattr(fitting, "WORTH_EVENTS", 0)
    written = []
    for place, spread in enumerate((Here(), Forks(2), Forks(3))):
        folder = tmp_path / str(place)
        folder.mkdir()
        how = fitting_on(spread, len(DATA.item_row))
        blend = Ensemble(EnsembleSettings(), 3, lambda text, fraction: None, fitting=how).fit(DATA, None)
        save_model(folder, blend)
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1] == written[2]


def test_little_data_is_fitted_here() -> None:
    assert isinstance(fitting_on(Forks(2), 10).side_by_side(10), Here)
    assert fitting_on(Forks(2), 10**6).side_by_side(10**6) == Forks(2)

"""Where work is done, by the environment."""

from __future__ import annotations

import subprocess
import sys

import pytest

from personalize_local.spread.forks import Forks
from personalize_local.spread.settings import spread_of
from personalize_local.spread.spread import Here, Spread


@pytest.mark.parametrize(("text", "spread"), [("", Forks()), ("cores", Forks()), (" Cores ", Forks())])
def test_the_cores_of_this_machine_are_usual(text: str, spread: Spread) -> None:
    assert spread_of({"PERSONALIZE_LOCAL_SPREAD": text}) == spread
    assert spread_of({}) == Forks()


def test_off_works_here_part_by_part() -> None:
    spread = spread_of({"PERSONALIZE_LOCAL_SPREAD": "off"})
    assert isinstance(spread, Here)
    assert list(spread.map(lambda place, part: place + part, [5, 6])) == [5, 7]


@pytest.mark.parametrize("text", ["yes", "host", "host:", ":6379", "ray://host"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"{text} is not off, cores, ray for a Ray cluster"):
        spread_of({"PERSONALIZE_LOCAL_SPREAD": text})


def test_ray_is_not_imported_unless_it_is_asked_for() -> None:
    asked = "from personalize_local.spread.settings import spread_of; spread_of({})"
    code = f"import sys; {asked}; print('ray' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    assert run.stdout.split()[-1] == "False"

"""How many exposures it takes to tell two arms apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_spec.arm_results import ArmResult, needed_exposures, p_value


def test_the_number_of_exposures_is_the_textbooks() -> None:
    """GIVEN rates of 10 % and 12 % THEN 3,841 of each arm (as tables of two-sided tests without correction have it)."""
    assert needed_exposures(0.10, 0.12) == pytest.approx(3841, abs=2)
    assert needed_exposures(0.12, 0.10) == pytest.approx(3841, abs=2)


@pytest.mark.parametrize(("base", "other", "ratio"), [(0.1, 0.1, 1), (0.1, 1.2, 1), (-0.1, 0.1, 1), (0.1, 0.2, 0)])
def test_what_cannot_be_told_has_no_number(base: float, other: float, ratio: float) -> None:
    assert needed_exposures(base, other, ratio) is None


@given(st.floats(0.01, 0.5), st.floats(0.02, 0.4), st.floats(0.1, 10))
def test_a_smaller_arm_needs_more_and_enough_is_significant(base: float, lift: float, ratio: float) -> None:
    other = min(base * (1 + lift), 0.99)
    needed = needed_exposures(base, other, ratio)
    assert needed is not None and needed > 0
    assert needed_exposures(base, other, ratio / 2) > needed
    first = ArmResult("a", needed, needed * base)
    assert p_value(first, ArmResult("b", needed * ratio, needed * ratio * other)) < 0.05

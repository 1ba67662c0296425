"""The clock that settings move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from personalize_local.jobs.settings import Settings


@pytest.mark.parametrize(("text", "days"), [("", 0), ("-86400", -1), ("172800", 2)])
def test_the_clock_is_shifted_by_the_setting(text: str, days: int) -> None:
    clock = Settings.from_environment({"PERSONALIZE_LOCAL_CLOCK_OFFSET_S": text}).clock
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=days)) < timedelta(minutes=1)


def test_a_shift_that_is_no_number_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="PERSONALIZE_LOCAL_CLOCK_OFFSET_S is 'later': it should be seconds"):
        Settings.from_environment({"PERSONALIZE_LOCAL_CLOCK_OFFSET_S": "later"})

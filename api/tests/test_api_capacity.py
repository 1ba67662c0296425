"""The cost and capacity command, and the page that shows what it gives."""

import tomllib

import capacity
import pytest
from capacity import Load, month, report
from recommendations_fakes import API

PRICES = tomllib.loads(capacity.PRICES.read_text())


def test_the_page_shows_what_the_command_gives():
    page = (API.parent / "docs" / "api-cost.md").read_text()
    assert report([Load(5.0), Load(50.0), Load(200.0)], PRICES) in page


def test_personalize_is_billed_by_the_call():
    load = Load(1000 / capacity.SECONDS_A_MONTH, topped_up_ratio=0)
    assert month(load, PRICES)["Personalize"] == pytest.approx(0.0556)
    assert capacity.tiered(100e6, [[72, 0.0556], [720, 0.0278]]) == pytest.approx(72e3 * 0.0556 + 28e3 * 0.0278)


def test_reads_are_half_a_unit_a_row_of_what_is_not_remembered():
    assert Load(1, articles=10, kept_ratio=0).read_units == 10
    assert Load(1, articles=10, kept_ratio=1).read_units == 0
    assert Load(1, articles=10, kept_ratio=0, article_bytes=5000).read_units == 15


def test_the_peak_decides_what_must_be_there():
    needed = capacity.capacity(Load(100, handler_ms=50, topped_up_ratio=0))
    assert (needed["Lambda instances at once"], needed["Personalize TPS"]) == (15, 300)


def test_a_picture_is_drawn(tmp_path):
    capacity.plot(tmp_path / "cost.svg", PRICES)
    assert (tmp_path / "cost.svg").read_text().count("<path") > 10

"""The price table: every price says how sure it is, and can be replaced."""

import json
from dataclasses import fields

import pytest

from personalize_spec.prices import STANDING, PriceTable, override_prices, tiered_cost


def test_every_price_says_how_sure_it_is() -> None:
    assert set(STANDING) == {field.name for field in fields(PriceTable)} - {"as_of"}


@pytest.mark.parametrize("name", STANDING)
def test_every_price_can_be_replaced(name: str) -> None:
    table = override_prices(json.dumps({"as_of": "2026-12-01", name: 7}))
    assert table.as_of == "2026-12-01"
    assert getattr(table, name) == (((None, 7.0),) if name == "tps_hour" else 7.0)
    with pytest.raises(ValueError, match=name):
        override_prices(json.dumps({name: -1}))


def test_tiers_are_for_the_units_within_them() -> None:
    tiers = ((20.0, 0.2), (180.0, 0.1), (None, 0.05))
    assert tiered_cost(tiers, 10) == pytest.approx(2)
    assert tiered_cost(tiers, 220) == pytest.approx(4 + 18 + 1)

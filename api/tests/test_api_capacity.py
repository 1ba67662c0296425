"""The cost and capacity command, and the page that shows what it gives."""

import json
import tomllib

import capacity
import pytest
from capacity import Load, month, report
from prices import TABLE, read_prices
from recommendations_fakes import API

from personalize_spec.prices import PriceTable

PRICES = read_prices()


def test_the_page_shows_what_the_command_gives():
    page = (API.parent / "docs" / "api-cost.md").read_text()
    assert report([Load(5.0), Load(50.0), Load(200.0)], PRICES) in page


def test_personalize_is_billed_by_the_transaction_and_at_least_its_minimum():
    hours, (_, first) = capacity.HOURS_A_MONTH, PriceTable().tps_hour[0]
    assert month(Load(2, topped_up_ratio=0.5), PRICES)["Personalize"] == pytest.approx(3 * hours * first)
    assert month(Load(0.1, minimum_tps=4), PRICES)["Personalize"] == pytest.approx(4 * hours * first)


def test_recipes_of_version_2_are_billed_by_the_call():
    load = Load(2, topped_up_ratio=0.5, v2_recipe=True, minimum_tps=100)
    assert month(load, PRICES)["Personalize"] == pytest.approx(
        3 * capacity.SECONDS_A_MONTH / 1000 * PriceTable().v2_per_1000
    )


def test_every_price_says_when_and_where_it_was_read():
    table = tomllib.loads(TABLE.read_text())
    sections = [section for section in table.values() if isinstance(section, dict)]
    assert len(sections) == len(PRICES.services) == 6 and PRICES.as_of == str(table["as_of"])
    assert all(section["page"].startswith("https://aws.amazon.com/") and section["read"] for section in sections)


def test_prices_are_replaced_one_by_one():
    changed = read_prices('{"lambda": {"per_gb_second": 1}, "personalize": {"tps_hour": 0.3}}')
    assert changed["lambda"] == {**PRICES["lambda"], "per_gb_second": 1}
    assert (changed.personalize.tps_hour, changed["waf"]) == (((None, 0.3),), PRICES["waf"])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("{", "The prices are not JSON"),
        ("[]", "must be a JSON object of services"),
        ('{"lambada": {}}', "There are no prices of lambada; there are of personalize, lambda"),
        ('{"lambda": 3}', "The prices of lambda must be a JSON object"),
        ('{"lambda": {"per_day": 3}}', "lambda has no price per_day; there are per_million_requests"),
        ('{"lambda": {"per_gb_second": "3"}}', "The price lambda.per_gb_second must be a number"),
        ('{"personalize": {"per_call": 3}}', "There is no price per_call"),
    ],
)
def test_wrong_prices_are_refused(overrides, message):
    with pytest.raises(ValueError, match=message):
        read_prices(overrides)


def test_the_command_refuses_them_too(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["capacity.py", "5", "--prices", "{"])
    with pytest.raises(SystemExit):
        capacity.main()
    assert "not JSON" in capsys.readouterr().err


def test_the_command_prints_both_tables(monkeypatch, capsys):
    cheap = json.dumps({"api_gateway": {"per_million_requests": 0}})
    monkeypatch.setattr("sys.argv", ["capacity.py", "5", "--prices", cheap])
    capacity.main()
    printed = capsys.readouterr().out
    assert "| Personalize TPS | 17 |" in printed and "| API Gateway | 0 |" in printed


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

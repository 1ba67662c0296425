"""Fit the statistics wherever work is spread to, and compare with one process."""

from __future__ import annotations

import numpy as np
import pytest

from personalize_local.models import fitting
from personalize_local.models.blend import Blend
from personalize_local.models.counting import ByRanges
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.fitting import fitting_on
from personalize_local.models.query import Query
from personalize_local.models.sequential_ridge import fit_sequential_ridge
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.taste import fit_taste
from personalize_local.models.testing import markov_sequences, without_last
from personalize_local.spread.spread import Here, Spread

DATA = markov_sequences()
RANGE_EVENTS = 700


def check_counting_by_ranges(spread: Spread) -> None:
    """Five ranges of users, counted there and added up, give what one pass gives."""
    counting = ByRanges(spread, RANGE_EVENTS)
    for fit in (fit_sequential_rules, fit_sequential_ridge, fit_taste):
        once, added = fit(DATA), fit(DATA, counting=counting)
        for query in (DATA.item_row[DATA.of(user)] for user in (0, 50, 119)):
            ask = _query(query)
            np.testing.assert_allclose(added.scores(ask), once.scores(ask), rtol=1e-4, atol=1e-6)


def check_a_blend(spread: Spread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts are those of one process but for rounding, and the blend foretells as well.

    Popularities that say nearly the same share their weight in one way or another, so single weights may differ.
    """
    one = _blend(Here())
    monkeypatch.setattr(fitting, "WORTH_EVENTS", 0)
    monkeypatch.setattr("personalize_local.models.counting.RANGE_EVENTS", RANGE_EVENTS)
    spread_out = _blend(spread)
    assert [type(part) for part in spread_out.parts] == [type(part) for part in one.parts]
    np.testing.assert_allclose(spread_out.weights, one.weights, rtol=1e-2, atol=1e-3)
    ask = _query(DATA.item_row[:20])
    for theirs, ours in zip(spread_out.parts, one.parts, strict=True):
        np.testing.assert_allclose(theirs.scores(ask), ours.scores(ask), rtol=1e-4, atol=1e-6)
    assert _likelihood(spread_out) == pytest.approx(_likelihood(one), abs=2e-3)


def _blend(spread: Spread) -> Blend:
    settings = EnsembleSettings(regularisation=10.0)
    how = fitting_on(spread, len(DATA.item_row))
    return Ensemble(settings, 3, lambda text, fraction: None, fitting=how).fit(DATA, None)


def _likelihood(model: Blend) -> float:
    """Average the log likelihood of each user's last event."""
    found = []
    for query, target in without_last(DATA)[1]:
        scores = model.scores(query)
        found.append(scores[target] - np.log(np.exp(scores).sum()))
    return float(np.mean(found))


def _query(rows: np.ndarray) -> Query:
    return Query(rows, np.arange(len(rows)) * 1000)

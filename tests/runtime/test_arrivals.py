"""An item that comes after the training scores as it would had the training known it without events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalize_local.models import compact_rows
from personalize_local.models.age_lift import fit_age_lift
from personalize_local.models.blend import Blend
from personalize_local.models.blend_weights import BlendWeights
from personalize_local.models.cold_items import ColdWeights, find_cold_items
from personalize_local.models.content import ContentAffinity, ItemContent
from personalize_local.models.decayed_counts import fit_decayed_counts
from personalize_local.models.ensemble import assemble
from personalize_local.models.query import Query
from personalize_local.models.sequences import sequences_of
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.runtime.live_model import LiveModel
from personalize_local.runtime.ranking import best_rows, shares_of_coarse, softmax
from personalize_local.store.tables import MetadataTable
from personalize_local.training.artifact import Artifact
from personalize_local.training.item_content import item_content
from tests.sequence_models import sequence_model

DAY_S = 86_400
KINDS = ("news", "sport", "arts", "sport|news")
RECORD = {"CATEGORY": "sport", "CREATION_TIMESTAMP": float(9 * DAY_S)}


def blend_of(item_count: int) -> tuple[Blend, ItemContent]:
    """Fit a blend of rules, content and age by hand; items from 40 on have no events."""
    rng = np.random.default_rng(2)
    users, rows = np.repeat(np.arange(30), 20), rng.integers(0, 40, 600)
    times = np.sort(rng.integers(0, 10 * DAY_S, (30, 20)), axis=1).ravel()
    steps = sequences_of(users, rows, times, item_count)
    categories = [KINDS[row % 3] for row in range(40)] + [RECORD["CATEGORY"]] * (item_count - 40)
    born = [row % 10 * float(DAY_S) for row in range(40)] + [RECORD["CREATION_TIMESTAMP"]] * (item_count - 40)
    ids = np.array([f"i{row:02}" for row in range(item_count)], dtype=object)
    columns = {"CATEGORY": np.array(categories, dtype=object), "CREATION_TIMESTAMP": np.array(born)}
    content = item_content(MetadataTable(ids, columns), ids, ("CATEGORY",), ())
    weights = BlendWeights(
        parts=np.array([0.5, 0.8, 0.7], dtype=np.float32),
        priors=np.array([0.4]),
        newcomer_priors=np.array([1.0]),
        seen=-1.0,
        cold=0.9,
        newcomer_cold=0.3,
        cold_items=ColdWeights(content=0.6, appeal=0.5, scarce_extra=-0.4),
    )
    models = [fit_sequential_rules(steps), ContentAffinity(content.features, 0.9), fit_age_lift(steps, np.array(born))]
    counts = steps.item_counts()
    cold = find_cold_items(content, counts, counts)
    return assemble(models, weights, fit_decayed_counts(steps, ()), cold), content


@pytest.mark.parametrize("history", [[], [1, 4, 7], [0, 2, 3, 5, 8]])
def test_an_arrival_scores_as_a_new_item_of_the_training(history: list[int]) -> None:
    knowing, _ = blend_of(41)
    blend, content = blend_of(40)
    ids = np.array([f"i{row:02}" for row in range(40)], dtype=object)
    live = LiveModel(Artifact(ids, {each: row for row, each in enumerate(ids)}, blend, content=content))
    assert live.add_arrivals([RECORD]) == 1
    rows = np.array(history, dtype=np.int32)
    query = Query(rows, np.arange(len(rows)) * 3600, now_epoch_s=10 * DAY_S)
    wanted = knowing.scores(query)
    found = live.view().scores(query, rows, None)
    # the log of one item more, and of its share of an empty record, is all that differs
    np.testing.assert_allclose(found[40] - found[:40].mean(), wanted[40] - wanted[:40].mean(), atol=0.06)


def test_an_arrival_grows_old() -> None:
    blend, content = blend_of(40)
    ids = np.array([f"i{row:02}" for row in range(40)], dtype=object)
    live = LiveModel(Artifact(ids, {each: row for row, each in enumerate(ids)}, blend, content=content))
    live.add_arrivals([RECORD, {"CATEGORY": "sport"}])
    rows = np.array([1, 4], dtype=np.int32)
    lifts = blend.parts[2].of_ages(np.array([1.0, 5.0]) * DAY_S)  # type: ignore[attr-defined]
    found = [
        live.view().scores(Query(rows, rows * 3600, now_epoch_s=(9 + days) * DAY_S), rows, None) for days in (1, 5)
    ]
    aged = found[1][40] - found[0][40] - (found[1][41] - found[0][41])  # beside one whose age is not known
    assert aged == pytest.approx(0.7 * float(lifts[1] - lifts[0]), abs=1e-4)


def test_an_arrival_of_which_nothing_is_known_moves_no_other() -> None:
    blend, content = blend_of(40)
    blend = replace(blend, cold_weights=replace(blend.cold_weights, lent_share=0.3))
    ids = np.array([f"i{row:02}" for row in range(40)], dtype=object)
    rows = np.array([1, 4], dtype=np.int32)
    query = Query(rows, rows * 3600, now_epoch_s=10 * DAY_S)
    found = []
    for arrivals in ([RECORD, {"CATEGORY": "news"}], [RECORD, {"CATEGORY": "news"}, {}]):
        live = LiveModel(Artifact(ids, {each: row for row, each in enumerate(ids)}, blend, content=content))
        live.add_arrivals(arrivals)
        found.append(live.view().scores(query, rows, None)[40:42])
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)


@pytest.mark.parametrize("lent_share", [0.3, 1.0])
def test_arrivals_have_their_exact_scores_after_a_first_look(
    lent_share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a blend with a sequence layer; arrivals described alike, like nothing, and turned to by somebody
    monkeypatch.setattr(compact_rows, "LARGE_FROM", 0)
    blend, content = blend_of(43)
    layer = sequence_model(43, 1, content.features.column_count)
    weights = replace(blend.cold_weights, lent_share=lent_share)
    blend = replace(blend, parts=(*blend.parts, layer), weights=np.append(blend.weights, 0.9), cold_weights=weights)
    ids = np.array([f"i{row:02}" for row in range(43)], dtype=object)
    live = LiveModel(Artifact(ids, {each: row for row, each in enumerate(ids)}, blend, content=content))
    live.add_arrivals([RECORD, {}, {"CATEGORY": "arts"}, {"CATEGORY": "news"}])
    for row in (45, 45, 44, 3):
        live.add_event("ann", row, 1.0, 10 * DAY_S + row, list)

    # WHEN a reader asks
    rows = np.array([1, 4, 7], dtype=np.int32)
    query = Query(rows, rows * 3600, now_epoch_s=10 * DAY_S)
    exact = live.view().scores(query, rows, live.followers(rows))
    look = live.view().coarse_scores(query, rows, live.followers(rows))

    # THEN all are within the slack at a first look, and exact where it matters, but for what the divisor is off
    everyone = np.arange(len(exact))
    constant = look.constant()
    moved = look.exact(everyone) + constant - exact
    assert np.abs(moved).max() < 2e-3
    assert 5e-3 < np.abs(look.values + constant - exact).max() <= look.slack + 2e-3
    some = np.array([46, 2, 43, 44])
    np.testing.assert_allclose(look.exact(some) + constant - exact[some], moved[some], atol=1e-5)

    # THEN the answer is that of all exact scores: the order, and the shares
    shares = shares_of_coarse(look)
    best = best_rows(shares.scores, lambda rows: np.ones(len(rows), dtype=bool), 20, look=shares.look)
    assert best.tolist() == np.argsort(-exact, kind="stable")[:20].tolist()
    np.testing.assert_allclose(shares.of(best), softmax(exact)[best], rtol=4e-3)

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from personalize_local.models.sequences import sequences_of
from personalize_local.models.trending import fit_trending
from personalize_local.runtime.explain import ALIKE, LIVE, explain
from personalize_local.runtime.served_model import ServedModel
from tests.room import NOW
from tests.runtime.test_live import front, read, trained

__all__ = ["front"]

NOW_EPOCH_S = int(NOW.timestamp())


def served(newsroom: Any) -> tuple[ServedModel, Any]:
    data = newsroom.engine.group_data(newsroom.group_arn)
    return data.serve(newsroom.load(None), {}), data


def test_the_contributions_of_an_item_add_up_to_its_score(front: Any) -> None:
    # GIVEN readers who turned to something since the training
    for number in range(3):
        read(front, "i1", "i9", user_id=f"reader{number}")
    model, data = served(front)

    for reader in ("ann", "nobody"):
        asked = model.asked(data.histories.of(reader), -1, NOW_EPOCH_S)
        rows = np.arange(10)
        told = explain(model, asked, rows)

        # THEN the parts add up, and what is live is on the item that was read
        np.testing.assert_allclose(sum(told.values()), model.scores(asked)[rows], atol=1e-5)
        assert np.argmax(told[LIVE]) == 9
        np.testing.assert_allclose(told[ALIKE], 0.0, atol=1e-5)


def test_the_last_items_of_a_reader_are_named(front: Any) -> None:
    model, data = served(front)
    told = explain(model, model.asked(data.histories.of("ann"), -1, NOW_EPOCH_S), np.arange(10))
    after, _ = trained().parts[0].rules.row(2)
    assert told["read after"][after].min() > 0
    assert told["seen before"].tolist() == [0, -1, -1, 0, 0, 0, 0, 0, 0, 0]


def test_what_trends_has_no_parts_to_tell(front: Any) -> None:
    steps = sequences_of(np.arange(6), np.arange(6) % 3, NOW_EPOCH_S - np.arange(6), 10)
    artifact = replace(front.load(None), model=fit_trending(steps, interval_s=7200.0))
    front.load = lambda folder: artifact
    model, data = served(front)
    asked = model.asked(data.histories.of("ann"), -1, NOW_EPOCH_S)
    assert explain(model, asked, np.arange(10)) == {}
    assert model.block_scores([asked, asked]).shape == (2, 10)

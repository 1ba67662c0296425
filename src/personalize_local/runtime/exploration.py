"""Exploration: new items among the recommended ones, so that somebody can be the first to see them.

Each place of an answer goes, with the probability of the exploration weight, to an item that the model does not know
and that is not older than the cut-off; which one is drawn anew for each request. Approximated: AWS weighs all young
items by how uncertain their relevance is.

Source: contract §4.2, §6.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.ranking import Ranked
from personalize_spec.recipes import Recipe

DEFAULT_WEIGHT = 0.3
DEFAULT_AGE_CUT_OFF_DAYS = 30.0
DAY_S = 86_400
REASON = "Exploration"


@dataclass(frozen=True)
class Exploration:
    """How much an answer explores. Units: age in days, counted back from the newest interaction."""

    weight: float
    age_cut_off_days: float
    gives_reason: bool = False

    def place(self, ranked: list[Ranked], fresh_rows: np.ndarray, count: int, rng: np.random.Generator) -> list[Ranked]:
        """Draw fresh rows into the ranking and keep `count` places.

        An explored item has the score of the item it comes before, so that scores go on falling.
        """
        fresh = iter(rng.permutation(fresh_rows))
        explored = [next(fresh, None) if is_explored else None for is_explored in rng.random(count) < self.weight]
        taken = {int(row) for row in explored if row is not None}
        ordinary = [each for each in ranked if each.row not in taken]
        placed: list[Ranked] = []
        for row in explored:
            neighbour = ordinary[0] if ordinary else None
            if row is not None:
                placed.append(self._explored(int(row), neighbour))
            elif neighbour is not None:
                placed.append(ordinary.pop(0))
        return placed

    def _explored(self, row: int, neighbour: Ranked | None) -> Ranked:
        if self.gives_reason:
            return Ranked(row, reason=REASON)
        return Ranked(row, neighbour.score if neighbour else None)


def exploration_of(recipe: Recipe, campaign_config: Mapping[str, Any]) -> Exploration | None:
    """Give the exploration of a campaign; None where nothing is explored."""
    if not recipe.supports_exploration:
        return None
    usual = Exploration(DEFAULT_WEIGHT, DEFAULT_AGE_CUT_OFF_DAYS, gives_reason=not recipe.supports_exploration_config)
    config = campaign_config.get("item_exploration_config", {})
    explored = replace(
        usual,
        weight=float(config.get("explorationWeight", usual.weight)),
        age_cut_off_days=float(config.get("explorationItemAgeCutOff", usual.age_cut_off_days)),
    )
    return explored if explored.weight > 0 else None


def fresh_rows(unknown: np.ndarray, items: Catalogue, newest_epoch_s: int, age_cut_off_days: float) -> np.ndarray:
    """Give the rows that may be explored: of those unknown to the model the young ones. Shapes: unknown [rows]."""
    return unknown[items.created_epoch_s(unknown) >= newest_epoch_s - age_cut_off_days * DAY_S]

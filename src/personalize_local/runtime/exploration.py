"""Exploration: young items among the recommended ones, so that somebody can be the first to see them.

How many of the n places go to young items is drawn first, each with the probability of the exploration weight; then
which places, all alike; then which items, each with a chance that falls with how often it was shown or turned to. The
others keep their order in the remaining places. So the chance of every item at its place is known exactly:

    young item f at any place     E[K] / n · q_f          K places of n are explored, q_f is f's share of the draws
    j-th other item at place r    P(r - j of the r - 1 places before are explored, and r is not)

Approximated: AWS weighs by uncertainty in the score itself. Source: contract §4.2, §6.1; that the bonus falls with
interactions and impressions, and that the second version explores about one place in a thousand: documented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from personalize_local.runtime.exploration_chances import Numbers, chance_of_place, chances_unexplored, counts_of
from personalize_local.runtime.ranking import Ranked
from personalize_spec.recipes import Recipe

DEFAULT_WEIGHT = 0.3
SECOND_VERSION_WEIGHT = 0.001
DEFAULT_AGE_CUT_OFF_DAYS = 30.0
REASON = "Exploration"
UNKNOWN_CHANCE = 0.0

BonusOf = Callable[[np.ndarray], np.ndarray]  # rows → how much each is to be drawn, above 0


@dataclass(frozen=True)
class Exploration:
    """How much an answer explores, and whether anybody wants to know the chances of what is not explored.

    Units: age in days, counted back from the newest interaction.
    """

    weight: float
    age_cut_off_days: float
    gives_reason: bool = False
    tells_chances: bool = True

    def place(
        self, ranked: list[Ranked], young: np.ndarray, bonus_of: BonusOf, count: int, rng: np.random.Generator
    ) -> list[Ranked]:
        """Draw young rows into the ranking and keep `count` places, each with its chance.

        A young item that is ranked with a score keeps its own place. An explored one has the score of the item it comes
        before, so that scores go on falling. Where items without a score fill the ranking up, and some of them are
        young, the chances are not known.
        Shapes: young [rows], ascending.
        """
        found = _places_in(young, ranked)
        kept = [place for place, each in zip(found, ranked, strict=True) if place >= 0 and each.score is not None]
        filling_count = sum(place >= 0 for place in found) - len(kept)
        young_count = len(young) - len(kept)
        places = min(count, len(ranked) + young_count - filling_count)
        if not young_count or not places:
            return ranked[:places]
        numbers = Numbers(places, self.weight, places - min(places, len(ranked)), min(places, young_count))
        counts = counts_of(numbers)
        explored_count = counts.draw(rng)
        if not explored_count and not self.tells_chances:
            return ranked[:places]
        if explored_count:
            young = np.delete(young, kept)
            shares = capped_shares(bonus_of(young), 1.0 / numbers.highest)
            drawn = _drawn(shares, explored_count, rng)
            likely = (shares[drawn] * (counts.mean / places)).tolist()
            where = rng.choice(places, explored_count, replace=False).tolist()
            explored = dict(zip(where, zip(young[drawn].tolist(), likely, strict=True), strict=True))
            placed = self._placed(ranked, explored, numbers)
        else:
            chances = chances_unexplored(numbers)
            placed = [each.with_chance(chance) for each, chance in zip(ranked, chances, strict=False)]
        return [each.with_chance(UNKNOWN_CHANCE) for each in placed] if filling_count else placed

    def _placed(
        self, ranked: Sequence[Ranked], explored: Mapping[int, tuple[int, float]], numbers: Numbers
    ) -> list[Ranked]:
        """Put explored rows, by place with their chances, between the others."""
        taken = {row for row, _ in explored.values()}
        others = iter([each for each in ranked if each.row not in taken])
        upcoming = next(others, None)
        placed: list[Ranked] = []
        before = 0
        for place in range(numbers.places):
            if place in explored:
                placed.append(self._explored(*explored[place], upcoming))
                before += 1
            else:
                assert upcoming is not None  # explored places make up for what is missing
                placed.append(upcoming.with_chance(chance_of_place(numbers, place, before)))
                upcoming = next(others, None)
        return placed

    def _explored(self, row: int, propensity: float, neighbour: Ranked | None) -> Ranked:
        if self.gives_reason:
            return Ranked(row, reason=REASON, propensity=propensity)
        return Ranked(row, neighbour.score if neighbour else None, propensity=propensity)


def exploration_of(recipe: Recipe, campaign_config: Mapping[str, Any]) -> Exploration | None:
    """Give the exploration of a campaign; None where nothing is explored."""
    if not recipe.supports_exploration:
        return None
    if not recipe.supports_exploration_config:
        return Exploration(SECOND_VERSION_WEIGHT, DEFAULT_AGE_CUT_OFF_DAYS, gives_reason=True)
    usual = Exploration(DEFAULT_WEIGHT, DEFAULT_AGE_CUT_OFF_DAYS)
    config = campaign_config.get("item_exploration_config", {})
    explored = replace(
        usual,
        weight=float(config.get("explorationWeight", usual.weight)),
        age_cut_off_days=float(config.get("explorationItemAgeCutOff", usual.age_cut_off_days)),
    )
    return explored if explored.weight > 0 else None


def capped_shares(bonus: np.ndarray, cap: float) -> np.ndarray:
    """Give shares in proportion to bonuses, none above the cap: [rows], they sum to 1; cap × rows is 1 or more."""
    shares = bonus / bonus.sum()
    for _ in range(len(bonus)):
        above = shares >= cap
        if (shares <= cap + 1e-12).all():
            break
        rest = bonus[~above].sum()
        free = max(1.0 - cap * above.sum(), 0.0)
        shares = np.where(above, cap, bonus * (free / rest if rest > 0 else 0.0))
    return shares


def _places_in(rows: np.ndarray, ranked: Sequence[Ranked]) -> list[int]:
    """Give the place of each ranked item among rows, which ascend; -1 for one that is not there."""
    if not len(rows) or not ranked:
        return [-1] * len(ranked)
    wanted = np.array([each.row for each in ranked])
    places = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
    return np.where(rows[places] == wanted, places, -1).tolist()


def _drawn(shares: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw so many different rows, each with the chance count × share (systematic sampling), in any order."""
    if not count:
        return np.empty(0, dtype=np.int64)
    order = rng.permutation(len(shares))
    edges = np.cumsum(shares[order]) * count
    edges *= count / edges[-1]
    places = np.searchsorted(edges, rng.random() + np.arange(count), side="right")
    return rng.permutation(order[np.minimum(places, len(order) - 1)])

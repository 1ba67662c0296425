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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import comb
from typing import Any, NamedTuple

import numpy as np

from personalize_local.runtime.ranking import Ranked
from personalize_spec.recipes import Recipe

DEFAULT_WEIGHT = 0.3
SECOND_VERSION_WEIGHT = 0.001
DEFAULT_AGE_CUT_OFF_DAYS = 30.0
REASON = "Exploration"
UNKNOWN_CHANCE = 0.0
KEPT_CHANCES = 1 << 14


@dataclass(frozen=True)
class Exploration:
    """How much an answer explores. Units: age in days, counted back from the newest interaction."""

    weight: float
    age_cut_off_days: float
    gives_reason: bool = False

    def place(
        self, ranked: list[Ranked], young: np.ndarray, bonus: np.ndarray, count: int, rng: np.random.Generator
    ) -> list[Ranked]:
        """Draw young rows into the ranking and keep `count` places, each with its chance.

        A young item that is ranked with a score keeps its own place. An explored one has the score of the item it comes
        before, so that scores go on falling. Where items without a score fill the ranking up, and some of them are
        young, the chances are not known.
        Shapes: young [rows], ascending, and bonus [rows], above 0.
        """
        keeps_place = _places_in(young, [each.row for each in ranked if each.score is not None])
        filling_count = len(_places_in(young, [each.row for each in ranked if each.score is None]))
        young_count = len(young) - len(keeps_place)
        places = min(count, len(ranked) + young_count - filling_count)
        if not young_count or not places:
            return ranked[:places]
        numbers = _Numbers(places, self.weight, places - min(places, len(ranked)), min(places, young_count))
        chances = _chances_of_counts(numbers)
        explored_count = int(rng.choice(len(chances), p=chances))
        if explored_count:
            free = np.ones(len(young), dtype=bool)
            free[keeps_place] = False
            placed = self._placed(ranked, young[free], bonus[free], explored_count, numbers, rng)
        else:
            kept = enumerate(ranked[:places])
            placed = [each.with_chance(_chance_of_place(numbers, place, 0)) for place, each in kept]
        return [each.with_chance(UNKNOWN_CHANCE) for each in placed] if filling_count else placed

    def _placed(
        self,
        ranked: list[Ranked],
        young: np.ndarray,
        bonus: np.ndarray,
        explored_count: int,
        numbers: _Numbers,
        rng: np.random.Generator,
    ) -> list[Ranked]:
        """Draw so many young rows, all of which may be explored, and their places among the others."""
        places, chances = numbers.places, _chances_of_counts(numbers)
        shares = capped_shares(bonus, 1.0 / min(places, len(young)))
        drawn = _drawn(shares, explored_count, rng)
        explored = dict(zip(rng.choice(places, explored_count, replace=False).tolist(), drawn.tolist(), strict=True))
        chance = float(chances @ np.arange(len(chances))) / places
        taken = set(young[drawn].tolist())
        others = iter([each for each in ranked if each.row not in taken])
        upcoming = next(others, None)
        placed: list[Ranked] = []
        before = 0
        for place in range(places):
            if place in explored:
                found = explored[place]
                placed.append(self._explored(int(young[found]), upcoming, chance * float(shares[found])))
                before += 1
            else:
                assert upcoming is not None  # explored places make up for what is missing
                placed.append(upcoming.with_chance(_chance_of_place(numbers, place, before)))
                upcoming = next(others, None)
        return placed

    def _explored(self, row: int, neighbour: Ranked | None, propensity: float) -> Ranked:
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


def chance_of_other(chances: np.ndarray, places: int, place: int, before: int) -> float:
    """Give the chance that a place, from 0, is not explored and just so many before it are: chances [counts]."""
    total = 0.0
    for count in range(before, len(chances)):
        ways = comb(place, before) * comb(places - place - 1, count - before)
        total += float(chances[count]) * ways / comb(places, count)
    return total


class _Numbers(NamedTuple):
    """How many places there are, the weight, and how many are explored at least and at most."""

    places: int
    weight: float
    lowest: int
    highest: int


@lru_cache(KEPT_CHANCES)
def _chances_of_counts(numbers: _Numbers) -> np.ndarray:
    """Give the chance of each count of explored places: binomial, kept between two limits: [highest + 1]."""
    places, weight, lowest, highest = numbers
    chances = np.zeros(highest + 1)
    for count in range(places + 1):
        chance = comb(places, count) * weight**count * (1.0 - weight) ** (places - count)
        chances[min(max(count, lowest), highest)] += chance
    return chances / chances.sum()


@lru_cache(KEPT_CHANCES)
def _chance_of_place(numbers: _Numbers, place: int, before: int) -> float:
    """Give `chance_of_other`; answers ask for the same ones again and again."""
    return chance_of_other(_chances_of_counts(numbers), numbers.places, place, before)


def _places_in(rows: np.ndarray, wanted: list[int]) -> np.ndarray:
    """Find the places of wanted rows that are among the rows; rows ascending."""
    if not len(rows) or not wanted:
        return np.empty(0, dtype=np.int64)
    places = np.searchsorted(rows, wanted)
    places[places == len(rows)] = 0
    return places[rows[places] == wanted]


def _drawn(shares: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw so many different rows, each with the chance count × share (systematic sampling), in any order."""
    if not count:
        return np.empty(0, dtype=np.int64)
    order = rng.permutation(len(shares))
    edges = np.cumsum(shares[order]) * count
    edges *= count / edges[-1]
    places = np.searchsorted(edges, rng.random() + np.arange(count), side="right")
    return rng.permutation(order[np.minimum(places, len(order) - 1)])

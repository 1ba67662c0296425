"""The baselines by name, and how each is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from personalize_local.evaluation.baselines.item_knn import fit_item_knn
from personalize_local.evaluation.baselines.popularity import decayed_popularity, popularity_ever, popularity_of_days
from personalize_local.evaluation.baselines.session_knn import tuned_session_knn
from personalize_local.evaluation.baselines.tuning import Validation, make_validation
from personalize_local.evaluation.data import Data
from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.split import Split
from personalize_local.models.content import ContentAffinity
from personalize_local.models.query import Recommender
from personalize_local.models.sequences import Sequences, without_echoes
from personalize_local.models.sequential_ridge import fit_sequential_ridge
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.taste import fit_taste
from personalize_local.training.item_content import item_content
from personalize_local.training.training_data import to_sequences
from personalize_spec.names import did_you_mean

CONTENT_DECAY = 0.95


@dataclass(frozen=True)
class Material:
    """What a baseline may learn from: the split's training, and what is known of the items."""

    data: Data
    split: Split
    filter_seen: bool
    seed: int

    def sequences(self) -> Sequences:
        """Give the training over the rows of the catalogue; a click and a watch of one moment are one step."""
        return without_echoes(to_sequences(self.split.training, self.data.item_ids(), ()))

    def validation(self, sequences: Sequences) -> Validation:
        """Give what settings are chosen on: like the test, but within the training."""
        newest_of_each = self.split.protocol == "leave-one-out"
        return make_validation(sequences, self.filter_seen, self.seed, newest_of_each)


@dataclass(frozen=True)
class Baseline:
    """One method to compare with."""

    about: str
    fit: Callable[[Material], Recommender]
    needs_items: bool = False


def _content(material: Material) -> Recommender:
    data = material.data
    content = item_content(data.items, data.item_ids(), data.categorical_columns, data.textual_columns)
    return ContentAffinity(content.features, CONTENT_DECAY)


def _decayed_popularity(material: Material) -> Recommender:
    sequences = material.sequences()
    return decayed_popularity(sequences, material.validation(sequences))


def _session_knn(material: Material) -> Recommender:
    sequences = material.sequences()
    return tuned_session_knn(sequences, material.validation(sequences))


BASELINES: Mapping[str, Baseline] = {
    "popularity": Baseline("all events counted", lambda it: popularity_ever(it.sequences())),
    "popularity-7-days": Baseline("events of the last 7 days", lambda it: popularity_of_days(it.sequences(), 7.0)),
    "popularity-1-day": Baseline("events of the last day", lambda it: popularity_of_days(it.sequences(), 1.0)),
    "popularity-decayed": Baseline("newer events count more, half-life tuned", _decayed_popularity),
    "item-knn": Baseline("users in common, history by recency", lambda it: fit_item_knn(it.sequences())),
    "ease": Baseline("EASE, history by recency", lambda it: fit_taste(it.sequences())),
    "rules": Baseline("sequential rules", lambda it: fit_sequential_rules(it.sequences())),
    "ridge": Baseline("sequential ridge", lambda it: fit_sequential_ridge(it.sequences())),
    "session-knn": Baseline("similar recent visits, tuned", _session_knn),
    "content": Baseline("nearest by content", _content, needs_items=True),
}


def choose_baselines(names: tuple[str, ...], data: Data) -> tuple[str, ...]:
    """Resolve `all`, `none` or names; `all` leaves out those the data has no columns for.

    Errors: EvaluationError for a name there is none of, or one that needs items.
    """
    described = data.items is not None and bool(data.categorical_columns or data.textual_columns)
    if names == ("none",):
        return ()
    if names == ("all",):
        return tuple(name for name, baseline in BASELINES.items() if described or not baseline.needs_items)
    for name in names:
        if name not in BASELINES:
            hint = did_you_mean(name, list(BASELINES))
            raise EvaluationError(f"There is no baseline {name!r}: use all, none or {', '.join(BASELINES)}.{hint}")
        if BASELINES[name].needs_items and not described:
            raise EvaluationError(f"The baseline {name} needs descriptions of items: give the items' file (--items).")
    return names

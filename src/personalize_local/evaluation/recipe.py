"""Our own row of the table: a recipe, trained as a solution version is, and loaded as a campaign loads it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from personalize_local.evaluation.data import Data
from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.split import Split
from personalize_local.models.query import Query, Recommender
from personalize_local.training.artifact import Artifact, load_artifact
from personalize_local.training.recipes import PREPARE
from personalize_local.training.text_embedder import NONE, UnknownEmbedderError, check_embedder
from personalize_local.training.train import train_solution_version
from personalize_local.training.training_request import ALWAYS, AUTO, NEVER, TrainingFailedError, TrainingRequest
from personalize_spec.names import did_you_mean

SEED = 20_240_229


@dataclass(frozen=True)
class Recipe:
    """What to train, a row of the table.

    hyperparameters: as on the wire, strings. sequence_layer: auto, always or never. has_text: off, the items' textual
    columns are not shown to it. text_embedder: what tells what these mean beside their words. has_echoes: a click and a
    watch of one moment are two steps to it.
    Errors: EvaluationError for a recipe that does not rank items, or another choice of the layer or of the embedder.
    """

    name: str = "aws-user-personalization"
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    sequence_layer: str = AUTO
    has_text: bool = True
    text_embedder: str = NONE
    has_echoes: bool = False

    def __post_init__(self) -> None:
        if self.name not in PREPARE:
            hint = did_you_mean(self.name, list(PREPARE))
            raise EvaluationError(
                f"{self.name!r} is no recipe that ranks items: use one of {', '.join(PREPARE)}.{hint}"
            )
        if self.sequence_layer not in (AUTO, ALWAYS, NEVER):
            raise EvaluationError(f"The sequence layer is auto, always or never, not {self.sequence_layer!r}.")
        try:
            check_embedder(self.text_embedder)
        except UnknownEmbedderError as error:
            raise EvaluationError(str(error)) from error


@dataclass(frozen=True)
class Trained:
    """A trained recipe over the rows of the split's catalogue.

    Shapes: own_row [items], the model's row of each item or -1; catalogue_row [model's items], the other way;
    own_event [event types + 1], the model's code of each type of the table, the last for none.
    """

    model: Recommender
    own_row: np.ndarray
    catalogue_row: np.ndarray
    own_event: np.ndarray

    def scores(self, query: Query) -> np.ndarray:
        """Score the catalogue: [items] float32, -inf for items that the model does not know."""
        known = query.keep(np.flatnonzero(self.own_row[query.history_rows] >= 0))
        item_row = None if query.item_row is None or self.own_row[query.item_row] < 0 else self.own_row[query.item_row]
        asked = replace(
            known,
            history_rows=self.own_row[known.history_rows].astype(np.int32),
            item_row=item_row,
            history_event=self.own_event[known.history_event],
        )
        scores = np.full(len(self.own_row), -np.inf, dtype=np.float32)
        scores[self.catalogue_row] = self.model.scores(asked)
        return scores


def train_recipe(
    recipe: Recipe, data: Data, split: Split, seed: int, progress: Callable[[str, float], None]
) -> Trained:
    """Train on the split's training as the service does.

    Errors: EvaluationError with the reason for the customer when the data do not allow it.
    """
    request = TrainingRequest(
        recipe_name=recipe.name,
        hyperparameters=recipe.hyperparameters,
        categorical_columns=data.categorical_columns,
        textual_columns=data.textual_columns if recipe.has_text else (),
        numeric_columns=data.numeric_columns,
        context_columns=data.context_columns,
        sequence_layer=recipe.sequence_layer,
        text_embedder=recipe.text_embedder,
        has_echoes=recipe.has_echoes,
        seed=SEED + seed,
    )
    with tempfile.TemporaryDirectory(prefix="personalize-local-") as folder:
        try:
            train_solution_version(request, split.training, data.items, Path(folder), progress, data.users)
        except TrainingFailedError as error:
            reason = error.reason.removeprefix("Create failed. ")
            raise EvaluationError(f"{recipe.name} cannot be trained on this: {reason}") from error
        return _over_catalogue(load_artifact(Path(folder)), data)


def _over_catalogue(artifact: Artifact, data: Data) -> Trained:
    item_ids = data.item_ids()
    own_row = np.array([artifact.item_row.get(str(item), -1) for item in item_ids], dtype=np.int64)
    row_of = {str(item): row for row, item in enumerate(item_ids)}
    catalogue_row = np.array([row_of[str(item)] for item in artifact.item_ids], dtype=np.int64)
    types = np.array([*data.interactions.event_types, None], dtype=object)
    return Trained(artifact.model, own_row, catalogue_row, artifact.vocabulary.event_codes(types))

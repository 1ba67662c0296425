"""Every parameter of every recipe does something, or is refused with a reason: none is silently ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personalize_local.models.sequences import Sequences
from personalize_local.models.testing import markov_sequences
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.action_training import train_actions
from personalize_local.training.refused import REFUSED
from personalize_local.training.train import train_solution_version
from personalize_local.training.training_request import NEVER, TrainingFailedError, TrainingRequest
from personalize_spec.recipes import RECIPES
from personalize_spec.recipes.recipe import CATEGORICAL, INTEGER, HyperParameter, Recipe
from tests.training.conftest import make_items

DAY_S = 86_400
ACTIONS = "aws-next-best-action"
CASES = [
    (recipe.name, parameter.name)
    for recipe in RECIPES.values()
    for parameter in (*recipe.hyperparameters, *recipe.feature_parameters)
]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Keep the model that each recipe trains with the defaults, trained when first asked for."""
    return Usual(tmp_path_factory.mktemp("usual"))


class Usual(dict[str, dict[str, str]]):
    """The models by recipe."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, name: str) -> dict[str, str]:
        self[name] = trained(TrainingRequest(name), self._folder / name)
        return self[name]


@pytest.mark.parametrize(("recipe_name", "name"), [case for case in CASES if case[1] not in REFUSED])
def test_another_value_trains_another_model(
    recipe_name: str, name: str, tmp_path: Path, usual: Mapping[str, dict[str, str]]
) -> None:
    recipe = RECIPES[recipe_name]
    parameter = next(each for each in parameters_of(recipe) if each.name == name)
    found = trained(request_with(recipe, parameter), tmp_path / "model")
    assert found != usual[recipe_name]


@pytest.mark.parametrize(("recipe_name", "name"), [case for case in CASES if case[1] in REFUSED])
def test_what_cannot_be_followed_is_refused_with_a_reason(recipe_name: str, name: str, tmp_path: Path) -> None:
    recipe = RECIPES[recipe_name]
    parameter = next(each for each in parameters_of(recipe) if each.name == name)
    with pytest.raises(TrainingFailedError) as caught:
        trained(request_with(recipe, parameter), tmp_path / "model")
    assert f"The local service cannot follow {name}: {REFUSED[name]}." in caught.value.reason
    assert caught.value.reason.endswith(f"give its default, {parameter.default}.")


def test_no_refusal_is_about_a_parameter_that_there_is_not() -> None:
    assert set(REFUSED) <= {name for _, name in CASES}


def request_with(recipe: Recipe, parameter: HyperParameter) -> TrainingRequest:
    """Ask for another value of one parameter; where only tuning sets it, as tuning does."""
    value = other_value(parameter)
    if parameter in recipe.hyperparameters:
        return TrainingRequest(recipe.name, {parameter.name: value})
    return TrainingRequest(recipe.name, feature_parameters={parameter.name: value})


def other_value(parameter: HyperParameter) -> str:
    """Give a value far from the default."""
    if parameter.kind == CATEGORICAL:
        return next(value for value in parameter.values if value.casefold() != parameter.default.casefold())
    if parameter.name.endswith("_percentile"):
        return "0.4" if parameter.name.startswith("min") else "0.6"
    low, high = parameter.minimum, parameter.maximum
    ends = [end for end in (low, high) if end is not None]
    furthest = max(ends, key=lambda end: abs(end - float(parameter.default)))
    return str(int(furthest)) if parameter.kind == INTEGER else str(furthest + (1.0 if high is None else 0.0))


def parameters_of(recipe: Recipe) -> Iterator[HyperParameter]:
    """Give all parameters of a recipe."""
    yield from recipe.hyperparameters
    yield from recipe.feature_parameters


def trained(request: TrainingRequest, folder: Path) -> dict[str, str]:
    """Train a recipe on little data; give the hashes of the model's arrays: parameters may be kept beside them."""
    if request.recipe_name == ACTIONS:
        train_actions(request, interactions(), actions(), outcomes(), folder, quiet)
    else:
        described = replace(request, categorical_columns=("COLOUR",), sequence_layer=NEVER)
        train_solution_version(described, interactions(), make_items(), folder, quiet)
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*.npy")}
    return {name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def interactions() -> InteractionTable:
    """Give histories of 6 to 40 events of 60 users on a chain of 60 items, in 60 days."""
    lengths = np.random.default_rng(3).integers(6, 41, 60)
    return table_of(markov_sequences(user_count=60, length=40).heads(lengths), ("view",))


def actions() -> MetadataTable:
    return MetadataTable(np.array(["a", "b"], dtype=object), {})


def outcomes() -> InteractionTable:
    """Give what 60 users did about two actions: seen, and half of them taken ten days later."""
    user = np.repeat(np.arange(60), 4)
    later = np.tile([0, 10 * DAY_S, 1, 20 * DAY_S], 60)
    return InteractionTable(
        user_ids=np.array([f"user-{row:04}" for row in range(60)], dtype=object),
        item_ids=np.array(["a", "b"], dtype=object),
        user_row=user.astype(np.int32),
        item_row=np.tile([0, 0, 1, 1], 60).astype(np.int32),
        timestamp_epoch_s=(1_700_000_000 + user * 100 + later).astype(np.int64),
        event_type=np.tile([1, 0, 1, 0], 60).astype(np.int16),
        event_types=("TAKEN", "VIEWED"),
    )


def table_of(data: Sequences, types: tuple[str, ...]) -> InteractionTable:
    return InteractionTable(
        user_ids=np.array([f"user-{row:04}" for row in range(data.user_count)], dtype=object),
        item_ids=np.array([f"item-{row:03}" for row in range(data.item_count)], dtype=object),
        user_row=data.user_of_event(),
        item_row=data.item_row,
        timestamp_epoch_s=data.epoch_s,
        event_type=np.zeros(len(data.item_row), dtype=np.int16),
        event_types=types,
    )


def quiet(*_: Any) -> None:
    """Take progress."""

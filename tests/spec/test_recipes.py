"""The recipes as data, and the check of their parameters."""

import pytest

from personalize_spec.errors import InvalidInputException, ResourceNotFoundException
from personalize_spec.recipes import (
    RECIPES,
    HyperParameter,
    check_feature_parameters,
    check_hyperparameters,
    get_recipe,
    resolve_feature_parameters,
    resolve_hyperparameters,
)
from tests.behaviours import EXACT, behaviour

USER_PERSONALIZATION = RECIPES["aws-user-personalization"]
PARAMETERS = [
    pytest.param(parameter, id=f"{recipe.name}.{parameter.name}")
    for recipe in RECIPES.values()
    for parameter in (*recipe.hyperparameters, *recipe.feature_parameters)
]


@behaviour(
    "ListRecipes", "Twelve custom, three legacy and ten domain recipes", EXACT, source="documented, contract §4.1"
)
def test_there_are_twelve_custom_three_legacy_and_ten_domain_recipes() -> None:
    legacy = [recipe for recipe in RECIPES.values() if recipe.legacy]
    domain = [recipe for recipe in RECIPES.values() if recipe.domain]
    assert (len(RECIPES), len(legacy), len(domain)) == (25, 3, 10)
    assert sum(recipe.domain == "ECOMMERCE" for recipe in domain) == 5


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_found_by_its_arn(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe.arn == f"arn:aws:personalize:::recipe/{name}"
    assert get_recipe(recipe.arn) is recipe


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_default_is_a_value_of_its_parameter(parameter: HyperParameter) -> None:
    parameter.parse(parameter.default)


def test_unknown_recipe_is_not_found_and_the_nearest_is_named() -> None:
    with pytest.raises(ResourceNotFoundException) as refusal:
        get_recipe("arn:aws:personalize:::recipe/aws-user-personalisation")
    assert "does not exist. Did you mean 'arn:aws:personalize:::recipe/aws-user-personalization'?" in str(refusal.value)


def test_a_recipe_belongs_to_no_account() -> None:
    with pytest.raises(ResourceNotFoundException, match="has no region and no account"):
        get_recipe("arn:aws:personalize:us-east-1:000000000000:recipe/aws-sims")


def test_a_text_that_is_no_arn_is_invalid() -> None:
    with pytest.raises(InvalidInputException, match="is not an ARN of Amazon Personalize"):
        get_recipe("aws-sims")


def test_good_hyperparameters_have_no_problems() -> None:
    values = {"hidden_dimension": "64", "bptt": "32", "recency_mask": "true"}
    assert check_hyperparameters(USER_PERSONALIZATION, values) == []


@pytest.mark.parametrize(
    ("recipe", "values", "message"),
    [
        ("aws-user-personalization", {"bptt": "33"}, "must be a whole number from 2 to 32, not '33'"),
        ("aws-user-personalization", {"bptt": "9.5"}, "must be a whole number from 2 to 32, not '9.5'"),
        ("aws-user-personalization", {"bptt": 9}, 'must be a string: write "9" in quotes'),
        ("aws-user-personalization", {"recency_mask": "yes"}, "must be one of True, False, not 'yes'"),
        ("aws-user-personalization", {"recency_mask": True}, 'write "true" in quotes'),
        ("aws-user-personalization", {"hidden_dim": "64"}, "Did you mean 'hidden_dimension'?"),
        (
            "aws-user-personalization",
            {"min_user_history_length_percentile": "0"},
            "It belongs in featureTransformationParameters",
        ),
        ("aws-similar-items", {"item_id_hidden_dim": "60"}, "is set by tuning only"),
        ("aws-sims", {"popularity_discount_factor": "nan"}, "must be a number from 0 to 1"),
        ("aws-trending-now", {"bptt": "9"}, "The recipe has none: remove it"),
        ("aws-user-personalization-v2", {"apply_recency_bias": ["true"]}, "must be a string, not a list"),
    ],
)
def test_wrong_hyperparameters_say_what_to_change(recipe: str, values: dict, message: str) -> None:
    problems = check_hyperparameters(RECIPES[recipe], values)
    assert len(problems) == 1
    assert message in problems[0]


def test_percentiles_must_not_cross() -> None:
    values = {"min_user_history_length_percentile": "0.9", "max_user_history_length_percentile": "0.5"}
    assert "must be below" in check_feature_parameters(USER_PERSONALIZATION, values)[0]


@behaviour(
    "CreateSolution",
    "Feature parameters of older names are for legacy recipes only",
    EXACT,
    source="observed; only there: inferred",
)
def test_old_keys_are_for_legacy_recipes_only() -> None:
    values = {"min_hist_length_percentile": "0.1"}
    assert check_feature_parameters(RECIPES["aws-hrnn"], values) == []
    assert check_feature_parameters(USER_PERSONALIZATION, values) != []


def test_parameters_are_resolved_to_typed_values() -> None:
    resolved = resolve_hyperparameters(USER_PERSONALIZATION, {"bptt": "9", "recency_mask": "false"})
    assert resolved == {"hidden_dimension": 149, "bptt": 9, "recency_mask": False}
    trending = RECIPES["aws-trending-now"]
    assert resolve_feature_parameters(trending, {}) == {"trend_discovery_frequency": "2 hours"}

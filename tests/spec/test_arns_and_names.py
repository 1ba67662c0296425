"""ARNs and names; the errors' codes."""

import pytest

from personalize_spec import errors
from personalize_spec.arns import Arn, Scope, is_latest, parse_arn, solution_arn_of, split_dataset_arn
from personalize_spec.errors import InvalidInputException
from personalize_spec.names import check_name, did_you_mean

SCOPE = Scope("us-east-1", "000000000000")


def test_arns_are_built_from_names() -> None:
    prefix = "arn:aws:personalize:us-east-1:000000000000:"
    assert SCOPE.arn("campaign", "front") == prefix + "campaign/front"
    assert SCOPE.dataset_arn("daily", "Action_Interactions") == prefix + "dataset/daily/ACTION_INTERACTIONS"
    assert SCOPE.solution_version_arn("forYou", "83cc95fc") == prefix + "solution/forYou/83cc95fc"


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:personalize:us-east-1:000000000000:campaign/front",
        "arn:aws-cn:personalize:cn-north-1:000000000000:dataset/daily/ITEMS",
        "arn:aws:personalize:::recipe/aws-sims",
    ],
)
def test_an_arn_is_the_same_after_reading_and_writing(text: str) -> None:
    assert str(parse_arn(text)) == text


def test_an_arn_has_parts() -> None:
    arn = parse_arn(SCOPE.solution_version_arn("forYou", "83cc95fc"))
    assert arn == Arn("aws", "us-east-1", "000000000000", "solution", "forYou/83cc95fc")
    assert (arn.scope, arn.name) == (SCOPE, "forYou")


@pytest.mark.parametrize(
    "text", ["", "front", "arn:aws:s3:::bucket", "arn:aws:personalize:us-east-1:0:campaign", "x" * 300]
)
def test_other_texts_are_no_arns(text: str) -> None:
    with pytest.raises(InvalidInputException, match="is not an ARN of Amazon Personalize"):
        parse_arn(text)


def test_a_dataset_arn_is_split() -> None:
    assert split_dataset_arn(SCOPE.dataset_arn("daily", "Items")) == ("daily", "ITEMS")
    for wrong in (SCOPE.arn("dataset", "daily"), SCOPE.arn("campaign", "daily/ITEMS")):
        with pytest.raises(InvalidInputException, match="is not a dataset ARN"):
            split_dataset_arn(wrong)


def test_a_solution_is_found_from_its_version_or_the_latest_pointer() -> None:
    for version in ("83cc95fc", "$LATEST"):
        assert solution_arn_of(SCOPE.solution_version_arn("forYou", version)) == SCOPE.arn("solution", "forYou")
    assert is_latest(SCOPE.solution_version_arn("forYou", "$LATEST"))
    assert not is_latest(SCOPE.solution_version_arn("forYou", "83cc95fc"))
    with pytest.raises(InvalidInputException, match="is not a solution version ARN"):
        solution_arn_of(SCOPE.arn("solution", "forYou"))


@pytest.mark.parametrize("name", ["a", "0-daily_Reco", "x" * 63])
def test_good_names(name: str) -> None:
    assert check_name(name) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "The name is empty"),
        ("x" * 64, "has 64 characters: shorten it to 63"),
        ("-daily", "start with a letter or digit"),
        ("daily reco", "is not a valid name"),
        ("daily\n", "is not a valid name"),
        (7, "must be a string, not a number"),
    ],
)
def test_bad_names(name: object, message: str) -> None:
    assert message in str(check_name(name))


def test_the_nearest_name_is_found_in_any_letter_case() -> None:
    assert did_you_mean("MINPROVISONEDTPS", ["name", "minProvisionedTPS"]) == " Did you mean 'minProvisionedTPS'?"
    assert did_you_mean("colour", ["name", "minProvisionedTPS"]) == ""


def test_an_error_carries_its_own_name_as_code() -> None:
    classes = [each for each in errors.PersonalizeException.__subclasses__() if each.__module__ == errors.__name__]
    assert len(classes) == 13
    for each in classes:
        error = each("Change this.")
        assert (error.code, error.message, str(error)) == (each.__name__, "Change this.", "Change this.")

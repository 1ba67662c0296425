"""Values of a request's filterValues."""

import pytest

from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import parse_filter_value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('"drama","noir"', ("drama", "noir")),
        (' "drama" , "noir" ', ("drama", "noir")),
        ('"v1, v2"', ("v1, v2",)),
        ("20", (20.0,)),
        ('"20"', ("20",)),
        ("-1.5,2", (-1.5, 2.0)),
        (r'"say \"hi\""', ('say "hi"',)),
        ('""', ("",)),
    ],
)
def test_values_are_read(text: str, values: tuple) -> None:
    assert parse_filter_value(text) == values


@pytest.mark.parametrize("text", ["drama", "", '"a" "b"', '"a",', '"a', "'a'", "1e5", "nan"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputException, match="Put each text in double quotes"):
        parse_filter_value(text)

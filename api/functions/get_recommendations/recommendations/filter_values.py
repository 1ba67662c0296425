"""The values that a filter's `$parameters` take for one request."""

from collections.abc import Callable, Mapping

from recommendations.backends import FilterRule
from recommendations.errors import InvalidRequestError
from recommendations.request import RecommendationsRequest
from recommendations.sections import categories_of

MAX_VALUE_CHARACTERS = 1000  # Personalize's filterValues; documented


def quote_values(values: tuple[str, ...]) -> str:
    r"""Write texts as a filter value: each in double quotes, commas between, `\` before a quote or a backslash.

    Source: quoting is documented; escaping inside the quotes is inferred.
    """
    return ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)


def category_value(request: RecommendationsRequest, default_category: str) -> str:
    """Give `$category` the asked sections' categories."""
    return quote_values(categories_of(request.sections, default_category))


PROVIDERS: Mapping[str, Callable[[RecommendationsRequest, str], str]] = {"category": category_value}


def filter_values(rule: FilterRule, request: RecommendationsRequest, default_category: str) -> dict[str, str]:
    """Return `filterValues` for a rule; parameters that the API does not know are left out.

    Errors: InvalidRequestError when a value would be longer than Personalize takes.
    """
    values = {
        parameter: PROVIDERS[parameter](request, default_category)
        for parameter in rule.parameters
        if parameter in PROVIDERS
    }
    if any(len(value) > MAX_VALUE_CHARACTERS for value in values.values()):
        raise InvalidRequestError("include_sections names too many sections: send fewer.")
    return values

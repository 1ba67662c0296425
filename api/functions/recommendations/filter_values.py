"""The values that a filter's `$parameters` take for one request."""

from recommendations.backends import TIME_PARAMETER, FilterRule
from recommendations.errors import InvalidRequestError

MAX_VALUE_CHARACTERS = 1000  # Personalize's filterValues; documented
CATEGORY_PARAMETER = "category"


def quote_values(values: tuple[str, ...]) -> str:
    r"""Write texts as a filter value: each in double quotes, commas between, `\` before a quote or a backslash.

    Source: quoting is documented; escaping inside the quotes is inferred.
    """
    return ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)


def filter_values(rule: FilterRule, categories: tuple[str, ...], oldest_epoch_s: int = 0) -> dict[str, str]:
    """Return `filterValues` for a rule; parameters that the API does not know are left out.

    Errors: InvalidRequestError when a value would be longer than Personalize takes.
    """
    known = {CATEGORY_PARAMETER: quote_values(categories), TIME_PARAMETER: str(oldest_epoch_s)}
    values = {parameter: known[parameter] for parameter in rule.parameters if parameter in known}
    if any(len(value) > MAX_VALUE_CHARACTERS for value in values.values()):
        raise InvalidRequestError("include_sections names too many sections: send fewer.")
    return values

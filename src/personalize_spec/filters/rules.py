"""Which datasets and columns a filter may use, as tables.

Source: contract §7.2 (dataset and target pairing, columns that cannot be filtered).
"""

from __future__ import annotations

from personalize_spec.filters.placeholders import placeholders
from personalize_spec.filters.problems import invalid_filter
from personalize_spec.filters.tree import CURRENT_ITEM, CURRENT_USER, EVENT_TYPE, Filter, distinct_fields
from personalize_spec.limits import FILTER_MAX_FIELDS, FILTER_VALUES_MAX_ENTRIES

VERBS = {"INCLUDE": "INCLUDE", "EXCLUDE": "EXCLUDE"}

TARGETS = {"ITEMID": "ItemID", "USERID": "UserID", "ACTIONID": "ActionID"}

DATASETS = {
    "INTERACTIONS": "Interactions",
    "ITEMS": "Items",
    "USERS": "Users",
    "ACTIONS": "Actions",
    "ACTION": "Actions",  # one sample of the guide writes it so
    "ACTION_INTERACTIONS": "Action_Interactions",
    "CURRENTUSER": CURRENT_USER,
    "CURRENTITEM": CURRENT_ITEM,
}

TARGET_DATASETS = {
    "ItemID": ("Items", "Interactions"),
    "UserID": ("Users", "Interactions"),
    "ActionID": ("Actions", "Action_Interactions"),
}

EVENT_DATASETS = ("Interactions", "Action_Interactions")

AUTOMATIC_COLUMNS = {"EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY"}

FOREIGN_OPERATORS = {
    "BETWEEN": "write two comparisons joined by AND: >= and <=.",
    "LIKE": "list whole values with IN.",
    "CONTAINS": "list whole values with IN; a value with '|' in it matches by each of its parts.",
    "IS": "null cannot be asked for; null never satisfies a comparison.",
    "EQUALS": "write =.",
}


def column_problem(dataset: str, column: str) -> str | None:
    """Say why a column cannot be filtered whatever the schema; None when it may be."""
    name = column.upper()
    if dataset in EVENT_DATASETS and name != EVENT_TYPE:
        return f"{dataset}.{column} cannot be filtered: of {dataset}, only EVENT_TYPE can. Remove this condition."
    if dataset == "Actions" and name in AUTOMATIC_COLUMNS:
        return f"Actions.{column} cannot be filtered: the service applies it by itself. Remove this condition."
    return None


def check_size(tree: Filter) -> None:
    """Refuse a filter with more fields or placeholders than the service takes.

    Errors: InvalidInputException. Source: contract §8.1, §1.5; that too many fields give this error is inferred.
    """
    fields = distinct_fields(tree)
    if len(fields) > FILTER_MAX_FIELDS:
        raise invalid_filter(
            f"it uses {len(fields)} different fields, and at most {FILTER_MAX_FIELDS} are allowed: "
            "remove conditions, or split the filter in two."
        )
    names = placeholders(tree)
    if len(names) > FILTER_VALUES_MAX_ENTRIES:
        raise invalid_filter(
            f"it has {len(names)} placeholders, and a request gives at most {FILTER_VALUES_MAX_ENTRIES} values: "
            "write some values into the expression."
        )

"""Check the interactions against the other datasets, against the choice of events, and against what training needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from personalize_spec import limits
from personalize_spec.names import did_you_mean
from personalize_spec.parameters.entries import recipe_of, solution_entries
from personalize_spec.parameters.finding import Finding, at, warning
from personalize_spec.preflight.choices import Choice, Choices, chosen_events
from personalize_spec.preflight.dataset import DatasetCheck
from personalize_spec.preflight.interactions import InteractionCounts

_SHOWN_TYPES = 8
_PATH = "datasets.Interactions"
_V2 = "-v2"


def check_interactions(
    data: object, checks: Mapping[str, DatasetCheck], ids: Mapping[str, Counter[str]], budget_bytes: int, adds: bool
) -> Iterator[Finding]:
    """Read the interactions and judge them together with the items. `adds` tells that data are there already."""
    check = checks["Interactions"]
    chosen = dict(chosen_events(data))
    counts = InteractionCounts(check.schema, frozenset(chosen.values()))
    check.run(counts.take, budget_bytes)
    if not counts.items:
        return
    if check.is_whole and check.row_count < limits.IMPORT_MIN_INTERACTIONS:
        least = f"{limits.IMPORT_MIN_INTERACTIONS:,}"
        yield Finding(_PATH, f"The files have {check.row_count:,} rows: an import needs {least} or more.")
    if counts.repeated_count:
        rows = "1 row repeats" if counts.repeated_count == 1 else f"{counts.repeated_count:,} rows repeat"
        yield warning(_PATH, f"{rows} another's user, item, time and type: such rows count once.")
    yield from _event_types(check, counts)
    if ids.get("Items") and checks["Items"].is_whole:
        yield from _unknown_items(counts, ids["Items"], adds=_adds(data, "Items"))
        yield from _too_many_items(data, len(ids["Items"]))
    for path, choices in chosen.items():
        yield from _trainable(path, choices, counts, check, adds=adds)


def _adds(data: object, key: str) -> bool:
    return at(data, str, "datasets", key, "importMode") == "INCREMENTAL"


def _event_types(check: DatasetCheck, counts: InteractionCounts) -> Iterator[Finding]:
    """Source: contract §8.1 (types and metadata columns together), §3.1 (names of columns as values)."""
    columns = check.schema.metadata_fields("INTERACTIONS")
    types = {event_type for event_type in counts.event_types if event_type}
    most = limits.INTERACTIONS_MAX_EVENT_TYPES_AND_COLUMNS
    if len(types) + len(columns) > most:
        text = f"The files have {len(types)} event types, and the schema has {len(columns)} columns of its own"
        yield warning(_PATH, f"{text}: AWS allows {most} of both together, so leave some out.")
    reserved = sorted(event_type for event_type in types if event_type.upper() == "EVENT_TYPE")
    if reserved:
        yield warning(_PATH, f"'{reserved[0]}' is the column's own name and no type of event: correct those rows.")


def _unknown_items(counts: InteractionCounts, items: Counter[str], *, adds: bool) -> Iterator[Finding]:
    unknown = [item_id for item_id in counts.items if item_id not in items]
    if not unknown:
        return
    total = len(counts.items)
    text = f"{len(unknown):,} of the {total:,} items in Interactions are not in Items, such as '{unknown[0]}'"
    if adds:
        yield warning(_PATH, f"{text}: add them, unless an earlier import has brought them.")
    elif len(unknown) == total:
        yield Finding(_PATH, f"{text}: check that ITEM_ID is written in the same way in both.")
    else:
        yield warning(_PATH, f"{text}: filters on Items leave them out. Add them, if they are to be recommended.")


def _too_many_items(data: object, count: int) -> Iterator[Finding]:
    """Source: contract §8.1: above the number a recipe considers, new items are preferred."""
    for key, _ in solution_entries(data):
        recipe = recipe_of(data, key)
        most = limits.TRAINING_MAX_ITEMS_V2 if recipe and recipe.name.endswith(_V2) else limits.TRAINING_MAX_ITEMS
        if recipe is not None and not recipe.needs_item_texts and count > most:
            text = f"Items has {count:,} items, and {recipe.name} considers {most:,}: leave old ones out."
            yield warning(f"solutions.{key}", text)


def _trainable(
    path: str, choices: Choices, counts: InteractionCounts, check: DatasetCheck, *, adds: bool
) -> Iterator[Finding]:
    never = [choice for choice in choices if _is_never_met(choice, counts, check)]
    for choice in never:
        yield _judged(check, choice.path, _never_met(choice.event_type or "", counts.event_types), adds=adds)
    if choices and len(never) == len(choices):
        return
    for shortage in counts.shortages(choices):
        events = " after the choice of events" if choices else ""
        text = f"The files have {shortage}{events}: add data, or choose more events."
        yield _judged(check, path, text, adds=adds)


def _is_never_met(choice: Choice, counts: InteractionCounts, check: DatasetCheck) -> bool:
    if choice.event_type is None or check.schema.field("EVENT_TYPE") is None:
        return False
    return all(choice.event_type.casefold() != event_type.casefold() for event_type in counts.event_types)


def _judged(check: DatasetCheck, path: str, text: str, *, adds: bool) -> Finding:
    """An error where everything was read; a warning where a part was, or where it adds to what was imported before."""
    if check.is_whole and not adds:
        return Finding(path, text)
    return warning(path, f"{'In what is added' if check.is_whole else 'In what was read'}: {text}")


def _never_met(event_type: str, types: Counter[str]) -> str:
    known = ", ".join(f"{name} ({count:,})" for name, count in types.most_common(_SHOWN_TYPES))
    hint = did_you_mean(event_type, types)
    return f"No interaction has the type '{event_type}', so there is nothing to train on.{hint} There are: {known}."

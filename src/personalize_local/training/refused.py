"""Parameters that recipes document and that training here cannot follow: another value than the default is refused.

What the others do: training/recipes.py. Quick to import: requests are checked with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from personalize_spec.recipes import Recipe

REFUSED: Mapping[str, str] = {
    "cold_start_max_interactions": "how far an item with few events is judged by items like it is fitted on the data",
    "cold_start_max_duration": "items are new here by the events that they have, not by days",
    "cold_start_relative_from": "items are new here by the events that they have, not by days",
    "performExploration": "new items compete with the others by their content always",
}


def refused_parameters(recipe: Recipe, values: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with values of a recipe's feature parameters that differ from defaults which cannot be left."""
    for each in recipe.feature_parameters:
        if each.name in REFUSED and each.parse(str(values.get(each.name, each.default))) != each.parse(each.default):
            yield (
                f"The local service cannot follow {each.name}: {REFUSED[each.name]}. Leave it out, or give its "
                f"default, {each.default}."
            )

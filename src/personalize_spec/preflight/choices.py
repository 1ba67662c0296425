"""Which events each solution and recommender of a parameter file trains on, and where the file says so.

Source: contract §3.6 (minimums are counted after the choice), §4.3 (eventType, eventsConfig), §4.5 (what domain recipes
count).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from personalize_spec.parameters.entries import known_recipe, recipe_of, recommender_entries, solution_entries
from personalize_spec.parameters.finding import at, join, object_at
from personalize_spec.parameters.shapes import number_of


@dataclass(frozen=True)
class Choice:
    """The events a solution trains on: all of a type, in any letter case, and of at least a value; None is any.

    `path` is where the type stands in the file.
    """

    event_type: str | None = None
    threshold: float | None = None
    path: str = field(default="", compare=False)

    def has(self, event_type: str, value: float | None) -> bool:
        """Tell whether an event is among them."""
        if self.event_type is not None and event_type.casefold() != self.event_type.casefold():
            return False
        return self.threshold is None or (value is not None and value >= self.threshold)


Choices = tuple[Choice, ...]


def chosen_events(data: object) -> Iterator[tuple[str, Choices]]:
    """Yield the path of each that learns from interactions with the events it trains on; no choices are all events."""
    for key, solution in solution_entries(data):
        recipe = recipe_of(data, key)
        if recipe is None or "INTERACTIONS" in recipe.required_datasets:
            yield f"solutions.{key}", tuple(_of_solution(f"solutions.{key}", solution))
    for path, recommender in recommender_entries(data):
        recipe = known_recipe(at(recommender, str, "recipeArn"))
        event_type = recipe.event_type if recipe else None
        yield path, (Choice(event_type, path=f"{path}.recipeArn"),) if event_type else ()


def _of_solution(path: str, solution: dict[str, object]) -> Iterator[Choice]:
    config = object_at(solution, "solutionConfig")
    place = f"{path}.solutionConfig.eventsConfig.eventParametersList"
    for index, entry in enumerate(at(config, list, "eventsConfig", "eventParametersList") or []):
        if event_type := at(entry, str, "eventType"):
            threshold = number_of(entry.get("eventValueThreshold"))
            yield Choice(event_type, threshold, f"{join(place, index)}.eventType")
    if event_type := at(solution, str, "eventType"):
        yield Choice(event_type, number_of(at(config, str, "eventValueThreshold")), f"{path}.eventType")

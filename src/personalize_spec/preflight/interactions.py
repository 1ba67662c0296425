"""Count the interactions: users, items, types, repetitions; and what training needs of them.

Source: contract §3.5 (identical events collapse), §3.6 (minimums, counted after the choice of events).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from personalize_spec.limits import (
    TRAINING_MIN_INTERACTIONS,
    TRAINING_MIN_INTERACTIONS_PER_USER,
    TRAINING_MIN_USER_RATIO,
    TRAINING_MIN_USERS,
)
from personalize_spec.parameters.shapes import number_of
from personalize_spec.preflight.choices import Choices
from personalize_spec.schemas import DatasetSchema


@dataclass
class InteractionCounts:
    """What the good rows say; `users` counts the events of each user, per set of choices."""

    schema: DatasetSchema
    choices: frozenset[Choices]
    event_types: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    users: dict[Choices, Counter[str]] = field(default_factory=dict)
    repeated_count: int = 0
    _seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Look the columns up once, not for every row."""
        self.users = {choices: Counter() for choices in self.choices}
        columns = [column.upper() for column in self.schema.columns]
        self._places: Mapping[str, int] = {name: place for place, name in enumerate(columns)}

    def take(self, row: list[str]) -> None:
        """Count one row. Memory: hashes of rows, and each id once."""
        user_id, item_id = self._value(row, "USER_ID"), self._value(row, "ITEM_ID")
        event_type = self._value(row, "EVENT_TYPE")
        key = hash((user_id, item_id, self._value(row, "TIMESTAMP"), event_type))
        if key in self._seen:
            self.repeated_count += 1
            return
        self._seen.add(key)
        self.event_types[event_type] += 1
        self.items[item_id] += 1
        value = number_of(self._value(row, "EVENT_VALUE"))
        for choices, users in self.users.items():
            if not choices or any(choice.has(event_type, value) for choice in choices):
                users[user_id] += 1

    def shortages(self, choices: Choices) -> Iterator[str]:
        """Say what training on these choices lacks."""
        users = self.users[choices]
        total = users.total()
        often = sum(count >= TRAINING_MIN_INTERACTIONS_PER_USER for count in users.values())
        if total < TRAINING_MIN_INTERACTIONS:
            yield f"{total:,} interactions, and training needs {TRAINING_MIN_INTERACTIONS:,}"
        if often < TRAINING_MIN_USERS:
            least = TRAINING_MIN_INTERACTIONS_PER_USER
            yield f"{often:,} users with {least} or more of them, and training needs {TRAINING_MIN_USERS}"
        elif often < TRAINING_MIN_USER_RATIO * len(users):
            yield f"{often:,} of {len(users):,} users with two or more of them, and training needs 1 in 100"

    def _value(self, row: list[str], column: str) -> str:
        place = self._places.get(column)
        return "" if place is None else row[place]

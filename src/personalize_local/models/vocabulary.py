"""What the codes of events stand for: types of events, and values of their context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

UNKNOWN = -1


@dataclass(frozen=True)
class Vocabulary:
    """Names by code: the code of a name is its place.

    event_types: in the letter case of the data. context: the values of each column of context.
    """

    event_types: tuple[str, ...] = ()
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def event_codes(self, names: np.ndarray) -> np.ndarray:
        """Code types of events [events] str in any letter case, -1 for unknown ones: [events] int16."""
        code_of = {name.casefold(): code for code, name in enumerate(self.event_types)}
        codes = [UNKNOWN if name is None else code_of.get(str(name).casefold(), UNKNOWN) for name in names]
        return np.array(codes, dtype=np.int16)

    def context_codes(self, context: Mapping[str, str]) -> np.ndarray:
        """Code one situation, -1 for columns it lacks and values that training did not see: [columns] int32.

        Names of columns are taken in any letter case.
        """
        given = {name.casefold(): value for name, value in context.items()}
        codes = [_place(values, given.get(name.casefold())) for name, values in self.context.items()]
        return np.array(codes, dtype=np.int32)

    def context_of(self, codes: np.ndarray) -> dict[str, str]:
        """Name one situation again: codes [columns]; columns that are unknown are left out."""
        pairs = zip(self.context.items(), codes.tolist(), strict=True)
        return {name: values[code] for (name, values), code in pairs if code != UNKNOWN}


def _place(values: tuple[str, ...], value: str | None) -> int:
    return values.index(value) if value is not None and value in values else UNKNOWN

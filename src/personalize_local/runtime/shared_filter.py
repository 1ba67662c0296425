"""A job's filter: what it lets pass is judged once for all lines with the same values, where no reader matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from personalize_local.runtime.deployment import BoundFilter, bind_filter
from personalize_local.runtime.group_data import GroupData
from personalize_local.runtime.masks import CompiledFilter, FilterQuestion

KEPT = 64  # masks, of a byte for each row of the catalogue


class SharedFilter:
    """Binds a filter's values; the data must not change in the meantime."""

    def __init__(self, compiled: CompiledFilter, arn: str, data: GroupData) -> None:
        self._compiled = compiled
        self._arn = arn
        self._data = data
        self._is_shared = compiled.is_about_items_alone
        self._known: dict[tuple[tuple[str, str], ...], BoundFilter] = {}

    def bound(self, values: Mapping[str, str]) -> BoundFilter:
        """Give the filter with a line's values.

        Errors: InvalidInputException for values that are missing, malformed, or not of the column's type.
        """
        if not self._is_shared:
            return bind_filter(self._compiled, self._arn, values)
        key = tuple(sorted(values.items()))
        found = self._known.get(key)
        if found is None:
            found = self._judged(bind_filter(self._compiled, self._arn, values))
            if len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[key] = found
        return found

    def _judged(self, bound: BoundFilter) -> BoundFilter:
        data = self._data
        nobody = data.histories.of(None)
        mask = bound.compiled.mask(FilterQuestion(data.items, data.users, nobody, values=bound.values))
        return replace(bound, mask=np.asarray(mask))

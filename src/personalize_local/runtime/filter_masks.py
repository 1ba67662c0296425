"""What filters let pass, kept for requests that repeat a filter with its values, where no reader and no item matters.

Rule 1: a mask is made when the same is asked for the second time: values that come once never cost a pass.
Rule 2: all are forgotten when an item comes or a record changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping

import numpy as np

from personalize_local.runtime.masks import CompiledFilter, Elements

KEPT_BYTES = 32 << 20
KEPT = 512

State = tuple[int, int]  # how many items there are, and how many records of items have come until now
Key = tuple[int, tuple[tuple[str, tuple[str | float, ...]], ...]]


class FilterMasks:
    """Masks over one catalogue. Whoever uses it holds the lock of the group's data."""

    def __init__(self) -> None:
        self._state: State | None = None
        self._masks: OrderedDict[Key, tuple[CompiledFilter, np.ndarray | None]] = OrderedDict()

    def mask(
        self,
        compiled: CompiledFilter,
        values: Mapping[str, Elements],
        state: State,
        judge: Callable[[], np.ndarray],
    ) -> np.ndarray | None:
        """Give the mask [catalogue] bool; None where it is not worth making, or another for every reader.

        Args: state: what the catalogue is at; judge: makes the mask.
        Errors: what `judge` raises.
        """
        if not compiled.is_about_items_alone:
            return None
        if self._state != state:
            self._state = state
            self._masks.clear()
        key = id(compiled), tuple(sorted((name, tuple(given)) for name, given in values.items()))
        if key not in self._masks:
            self._keep(key, compiled, None, state[0])
            return None
        mask = self._masks[key][1]
        if mask is None:
            mask = judge()
            self._keep(key, compiled, mask, state[0])
        self._masks.move_to_end(key)
        return mask

    def _keep(self, key: Key, compiled: CompiledFilter, mask: np.ndarray | None, size: int) -> None:
        """Keep a mask; the filter with it, for an id is one object's only as long as that lives."""
        self._masks[key] = compiled, mask
        while len(self._masks) > max(1, min(KEPT, KEPT_BYTES // max(size, 1))):
            self._masks.popitem(last=False)

"""Which rows of the catalogue may be recommended, judged when somebody asks, and only the rows asked about.

An answer needs a few dozen rows with high scores; a filter that lets one item in a hundred pass needs some thousands
judged, not all of a million.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from personalize_local.runtime.deployment import BoundFilter
from personalize_local.runtime.masks import FilterQuestion

WHOLE_CATALOGUE_FROM = 8  # judging an eighth of the rows one by one costs what judging all at once does


class Allowed:
    """The rows that a filter lets pass, without those that are hidden whatever the filter says.

    Whoever asks holds the lock of the group's data.
    Shapes: hidden [hidden], rows of the catalogue.
    """

    def __init__(self, bound: BoundFilter | None, asked: FilterQuestion, hidden: np.ndarray) -> None:
        self._bound = bound
        self._asked = asked if bound is None else asked.with_values(bound.values)
        self._hidden = hidden
        self._allows_all = bound is None and not len(hidden)

    def among(self, rows: np.ndarray) -> np.ndarray:
        """Give those of the rows that may be recommended, in their order."""
        return rows if self._allows_all else rows[self.of(rows)]

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Mark the rows that may be recommended: [rows] bool."""
        if self._bound is None:
            marked = np.ones(len(rows), dtype=bool)
        elif self._bound.mask is not None:
            marked = self._bound.mask[rows]
        elif len(rows) * WHOLE_CATALOGUE_FROM > self._asked.size:
            return self.everywhere[rows]
        else:
            marked = self._bound.compiled.mask(replace(self._asked, rows=rows))
        return marked & ~np.isin(rows, self._hidden) if len(self._hidden) else marked

    @cached_property
    def everywhere(self) -> np.ndarray:
        """Mark every row of the catalogue: [catalogue] bool."""
        marked = np.ones(self._asked.size, dtype=bool)
        if self._bound is not None:
            known = self._bound.mask
            marked = self._bound.compiled.mask(self._asked) if known is None else known.copy()
        marked[self._hidden] = False
        return marked

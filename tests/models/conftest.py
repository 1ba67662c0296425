"""Content for the items of the test data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.sparse

from personalize_local.models.content import ItemContent
from personalize_local.models.sparse_rows import sparse_rows


def make_content(categories: np.ndarray) -> ItemContent:
    """Describe each item by one category, -1 for an item without any: [items]."""
    described = np.flatnonzero(categories >= 0)
    shape = (len(categories), int(categories.max()) + 1)
    pairs = (described, categories[described])
    matrix = scipy.sparse.csr_matrix((np.ones(len(described), np.float32), pairs), shape=shape)
    return ItemContent(sparse_rows(matrix), np.full(len(categories), np.nan))


@pytest.fixture
def content_of() -> Callable[[np.ndarray], ItemContent]:
    """Give what makes content from categories."""
    return make_content

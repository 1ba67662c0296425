"""The tables of all stores, as the steps that build them: step n brings a data folder from version n - 1 to n.

A released step never changes; a change of a table is a further step.
"""

from __future__ import annotations

from personalize_local.store import (
    attributions,
    datasets,
    events,
    jobs,
    records,
    resources,
    tags,
    transitions,
    user_deletion,
)

_STORES = (resources, tags, transitions, jobs, datasets, events, records)

MIGRATIONS: tuple[str, ...] = (
    "\n".join(store.TABLES for store in _STORES),
    attributions.TABLES,
    user_deletion.TABLES,
)

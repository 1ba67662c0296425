"""Count how often the events of bulk files showed each item: the ids that the IMPRESSION column joins by "|".

Rule 1: identical events count once, as they do for training; of those that differ in what was shown, the first.
Rule 2: DuckDB counts, a range of users at a time; one number for each item passes into Python, nothing for each event.

Memory: DuckDB's limit while counting, the rest on the disk; afterwards an id and 8 bytes for each item that was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import open_duckdb
from personalize_local.store.interaction_reader import objects
from personalize_local.store.partitions import PARTITION_EVENTS, user_ranges, within

IMPRESSION = "IMPRESSION"
_KEYS = "USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE"
_COLUMNS = {
    "USER_ID": "VARCHAR",
    "ITEM_ID": "VARCHAR",
    "TIMESTAMP": "BIGINT",
    "EVENT_TYPE": "VARCHAR",
    IMPRESSION: "VARCHAR",
}
_PART = f"""
CREATE OR REPLACE TEMP VIEW part AS
SELECT * REPLACE (coalesce(EVENT_TYPE, '') AS EVENT_TYPE) FROM raw WHERE {IMPRESSION} IS NOT NULL AND {{users}}
"""
_REPEATED = f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT {_KEYS} FROM part GROUP BY ALL HAVING count(*) > 1"
_COUNT = f"""
INSERT INTO shown SELECT item_id, count(*) FROM (
  SELECT unnest(string_split({IMPRESSION}, '|')) AS item_id FROM (
    SELECT {IMPRESSION} FROM part ANTI JOIN repeated USING ({_KEYS})
    UNION ALL
    SELECT arg_min({IMPRESSION}, arrival) FROM part SEMI JOIN repeated USING ({_KEYS}) GROUP BY {_KEYS}
  )
) WHERE item_id <> '' GROUP BY item_id
"""


@dataclass(frozen=True)
class ImpressionCounts:
    """How often events showed items. Shapes: item_ids [items] object str, each once; counts [items] float64."""

    item_ids: np.ndarray
    counts: np.ndarray


NO_IMPRESSIONS = ImpressionCounts(np.empty(0, dtype=object), np.empty(0))


def count_impressions(
    files: Sequence[BulkFile], spill_folder: Path, *, partition_events: int = PARTITION_EVENTS
) -> ImpressionCounts:
    """Count over all files; those without the column show nothing."""
    telling = [file for file in files if any(name.upper() == IMPRESSION for name in file.columns)]
    if not telling:
        return NO_IMPRESSIONS
    ranges = user_ranges(telling, partition_events, spill_folder)
    with open_duckdb(spill_folder) as database:
        rows = " UNION ALL ".join(_select(file, place) for place, file in enumerate(telling))
        database.execute(f"CREATE TEMP VIEW raw AS {rows}")
        database.execute("CREATE TEMP TABLE shown (item_id VARCHAR, event_count BIGINT)")
        for each in ranges:
            database.execute(_PART.replace("{users}", within(*each)))
            database.execute(_REPEATED)
            database.execute(_COUNT)
        total = "SELECT item_id, sum(event_count)::DOUBLE AS count FROM shown GROUP BY item_id ORDER BY item_id"
        found = database.execute(total).fetchnumpy()
    return ImpressionCounts(objects(found["item_id"]), np.asarray(found["count"], dtype=np.float64))


def _select(file: BulkFile, place: int) -> str:
    """SQL of a file's rows, each with its arrival: by file, then by place in it."""
    wanted = ", ".join(file.column(name, kind) for name, kind in _COLUMNS.items())
    return f"SELECT {wanted}, ({place}, file_row_number) AS arrival FROM {file.source}"

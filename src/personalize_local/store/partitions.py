"""Parts of a dataset's interactions that are read one by one: ranges of users.

A pass over the partitions meets every user once, with all of the user's events: what is counted or summed per user, or
between a user's events, adds up over partitions. Files are sorted by user when they are imported, so that a partition
costs the reading of its own rows. Files of older releases are not: their partitions are right, but uneven and slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import literal, open_duckdb

PARTITION_EVENTS = 2_000_000
UserRange = tuple[str, str | None]


class DatasetChangedError(Exception):
    """A dataset's bulk data was replaced while its partitions were read: list them again."""


@dataclass(frozen=True)
class Partition:
    """Every interaction of the users from `first_user_id` on and before `end_user_id`; None is the end of all users.

    It stands for the data at the moment of listing: the files of then, and the streamed events up to `event_seq`.
    """

    dataset_arn: str
    first_user_id: str
    end_user_id: str | None
    files: tuple[BulkFile, ...]
    event_seq: int

    def has(self, user_id: str) -> bool:
        """Tell whether a user is in the range."""
        return self.first_user_id <= user_id and (self.end_user_id is None or user_id < self.end_user_id)


def within(first_user_id: str, end_user_id: str | None) -> str:
    """SQL of the condition that a row's USER_ID is in a range."""
    before = "" if end_user_id is None else f" AND USER_ID < {literal(end_user_id)}"
    return f"USER_ID >= {literal(first_user_id)}{before}"


def user_ranges(files: Sequence[BulkFile], event_count: int, spill_folder: Path) -> list[UserRange]:
    """Divide all users into ranges with about `event_count` bulk events each, in ascending order.

    Only the files' footers are read: a range begins where a group of rows does.
    """
    starts = [""]
    held = 0
    for first_user_id, row_count in sorted(_row_groups(files, spill_folder)):
        if held >= event_count and first_user_id > starts[-1]:
            starts.append(first_user_id)
            held = 0
        held += row_count
    return list(zip(starts, [*starts[1:], None], strict=True))


def _row_groups(files: Sequence[BulkFile], spill_folder: Path) -> Iterator[tuple[str, int]]:
    """Give the first user and the number of rows of each group of rows."""
    if not files:
        return
    names = ", ".join(literal(file.path) for file in files)
    with open_duckdb(spill_folder) as database:
        query = (
            f"SELECT stats_min_value, row_group_num_rows FROM parquet_metadata([{names}])"
            " WHERE upper(path_in_schema) = 'USER_ID'"
        )
        for first_user_id, row_count in database.execute(query).fetchall():
            yield first_user_id or "", row_count

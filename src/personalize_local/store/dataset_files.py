"""One Parquet file of a dataset's bulk data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personalize_local.store.duck import identifier, literal


@dataclass(frozen=True)
class BulkFile:
    """A file of rows that fit the schema of their time.

    `put_seq` is the newest put record when its import began: rows of the file are newer than that record, and older
    than the next.
    """

    path: Path
    row_count: int
    columns: tuple[str, ...]
    put_seq: int

    def to_json(self) -> dict[str, Any]:
        """Give the file as a job's result carries it."""
        return {
            "path": str(self.path),
            "row_count": self.row_count,
            "columns": list(self.columns),
            "put_seq": self.put_seq,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BulkFile:
        """Read back what `to_json` gave."""
        return cls(Path(data["path"]), data["row_count"], tuple(data["columns"]), data["put_seq"])

    def column(self, name: str, sql_type: str, alias: str | None = None) -> str:
        """Give SQL of a column by its present name and type; null when the file was written without it."""
        own = next((item for item in self.columns if item.upper() == name.upper()), None)
        value = f"TRY_CAST({identifier(own)} AS {sql_type})" if own else f"CAST(NULL AS {sql_type})"
        return f"{value} AS {identifier(alias or name)}"

    @property
    def source(self) -> str:
        """SQL of the file's rows; `file_row_number` is their place."""
        return f"read_parquet({literal(self.path)}, file_row_number = true)"

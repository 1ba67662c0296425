"""Read data as people have it: Personalize's CSV files, MovieLens' ratings.dat or its zip, SASRec's text file."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from personalize_local.evaluation.csv_files import Records, read_interactions, read_records
from personalize_local.evaluation.data import Data, data_from_arrays
from personalize_local.evaluation.errors import EvaluationError

CSV, MOVIELENS, SASREC = "csv", "movielens", "sasrec"
FORMATS = ("auto", CSV, MOVIELENS, SASREC)
STEP_S = 3600
LAST_EPOCH_S = 1_700_000_000
WITHOUT_TIMES = "the file has no times: each user's events are taken as an hour apart, the last of everybody at once"


def read_data(
    interactions: Path,
    items: Path | None = None,
    users: Path | None = None,
    schemas: tuple[Path, ...] = (),
    file_format: str = "auto",
) -> Data:
    """Read one data set. `auto` tells the format from the file's name and first line.

    Errors: EvaluationError saying what to change in which file.
    """
    for path in (interactions, items, users, *schemas):
        if path is not None and not path.is_file():
            raise EvaluationError(f"There is no file {path}.")
    if file_format not in FORMATS:
        raise EvaluationError(f"There is no format {file_format!r}: use one of {', '.join(FORMATS)}.")
    kind = _format_of(interactions) if file_format == "auto" else file_format
    if kind == MOVIELENS:
        data = _movielens(interactions)
    elif kind == SASREC:
        data = _sasrec(interactions)
    else:
        table, notes = read_interactions(interactions, schemas)
        data = Data(interactions.name, table, notes=notes)
    if items is not None:
        data = _with_items(data, items, read_records(items, "ITEM_ID", schemas))
    if users is not None:
        records = read_records(users, "USER_ID", schemas)
        described = _described(users, records, "users", data.interactions.user_ids)
        data = replace(data, users=records.table, notes=(*data.notes, *records.notes, described))
    return data


def _with_items(data: Data, path: Path, records: Records) -> Data:
    described = _described(path, records, "items", data.interactions.item_ids)
    return replace(
        data,
        items=records.table,
        categorical_columns=records.categorical,
        textual_columns=records.textual,
        numeric_columns=records.numeric,
        notes=(*data.notes, *records.notes, described),
    )


def _described(path: Path, records: Records, what: str, ids: np.ndarray) -> str:
    """Say whom a file describes, and what its columns were taken for: ids [rows] of those with events."""
    known = len(set(records.table.ids) & set(ids))
    kinds = {"categories": records.categorical, "text": records.textual, "numbers": records.numeric}
    columns = "; ".join(f"{', '.join(names)} taken for {kind}" for kind, names in kinds.items() if names)
    return f"{path.name} describes {known:,} of {len(ids):,} {what} with events; {columns or 'it has no other columns'}"


def _format_of(path: Path) -> str:
    if path.suffix == ".zip" or path.suffix == ".dat":
        return MOVIELENS
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        words = file.readline().split()
    return SASREC if len(words) == 2 and all(word.isdigit() for word in words) else CSV


def _movielens(path: Path) -> Data:
    """Read `user::item::rating::time` lines, alone or from the zip that GroupLens publishes."""
    text = _rating_lines(path)
    try:
        columns = np.loadtxt(io.StringIO(text.replace("::", " ")), usecols=(0, 1, 3), dtype=np.int64, ndmin=2)
    except (ValueError, IndexError) as error:
        message = f"{path.name} is not MovieLens' ratings.dat, whose lines are user::item::rating::time: {error}"
        raise EvaluationError(message) from error
    return data_from_arrays(path.name, columns[:, 0], columns[:, 1], columns[:, 2])


def _rating_lines(path: Path) -> str:
    if path.suffix != ".zip":
        return path.read_text(encoding="latin-1")
    try:
        with zipfile.ZipFile(path) as archive:
            name = next((name for name in archive.namelist() if name.endswith("ratings.dat")), None)
            if name is None:
                raise EvaluationError(f"{path.name} holds no ratings.dat; it needs MovieLens' zip, such as ml-1m.zip.")
            return archive.read(name).decode("latin-1")
    except zipfile.BadZipFile as error:
        raise EvaluationError(f"{path.name} is not a zip file: {error}.") from error


def _sasrec(path: Path) -> Data:
    """Read `user item` lines, in the order of each user's events."""
    try:
        columns = np.loadtxt(path, dtype=np.int64, ndmin=2)
    except ValueError as error:
        raise EvaluationError(f"{path.name} needs two whole numbers on each line, user and item: {error}") from error
    if columns.shape[1] != 2:
        raise EvaluationError(
            f"{path.name} has {columns.shape[1]} values on a line; SASRec's format has user and item."
        )
    return data_without_times(path.name, columns[:, 0], columns[:, 1])


def data_without_times(name: str, user_ids: np.ndarray, item_ids: np.ndarray) -> Data:
    """Make data of events [events] in each user's order, and give them times: an hour apart, all ending at once."""
    _, row = np.unique(user_ids, return_inverse=True)
    order = np.argsort(row, kind="stable")
    counts = np.bincount(row)
    until_last = np.empty(len(row), dtype=np.int64)
    until_last[order] = np.repeat(np.cumsum(counts), counts) - 1 - np.arange(len(row))
    data = data_from_arrays(name, user_ids, item_ids, LAST_EPOCH_S - STEP_S * until_last)
    return replace(data, notes=(WITHOUT_TIMES,))

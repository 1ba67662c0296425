"""The database: all or nothing, readers beside the writer, one server at a time, versions of the tables."""

import sqlite3
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.store.database import Database, DatabaseVersionError, from_epoch_ms, to_epoch_ms
from personalize_local.store.migrations import MIGRATIONS
from personalize_local.store.workspace import Workspace, WorkspaceInUseError


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "personalize.db")
    yield database
    database.close()


def keys(connection):
    return [row["tag_key"] for row in connection.execute("SELECT tag_key FROM tags ORDER BY tag_key")]


def add(connection, key):
    connection.execute("INSERT INTO tags VALUES ('arn', ?, '')", (key,))


def test_a_transaction_is_written_whole(database):
    with database.transaction() as connection:
        add(connection, "a")
        assert keys(database.read()) == []
    assert keys(database.read()) == ["a"]


def test_a_transaction_that_raises_leaves_nothing(database):
    with pytest.raises(RuntimeError, match="half way"), database.transaction() as connection:
        add(connection, "a")
        raise RuntimeError("half way")
    with database.transaction() as connection:
        add(connection, "b")
    assert keys(database.read()) == ["b"]


def test_threads_write_one_after_the_other_and_each_reads_for_itself(database):
    def write(key):
        for place in range(20):
            with database.transaction() as connection:
                add(connection, f"{key}{place}")
        assert len(keys(database.read())) >= 20

    threads = [threading.Thread(target=write, args=(key,)) for key in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys(database.read())) == 80


def test_a_reading_connection_cannot_write(database):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        add(database.read(), "a")


def test_acknowledged_writes_are_synced(database):
    with database.transaction() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_worker_reads_what_the_server_wrote_and_writes_nothing(database):
    with database.transaction() as connection:
        add(connection, "a")
    worker = Database(database.path, read_only=True)
    assert keys(worker.read()) == ["a"]
    with pytest.raises(PermissionError, match="read only"), worker.transaction():
        pass
    worker.close()


def test_opening_again_keeps_what_is_there(database):
    with database.transaction() as connection:
        add(connection, "a")
    database.close()
    again = Database(database.path)
    assert keys(again.read()) == ["a"]
    assert again.read().execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    again.close()


def test_a_folder_of_a_newer_release_is_refused(database):
    with database.transaction() as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(DatabaseVersionError, match="Use a newer release, or another data folder"):
        Database(database.path)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_moments_come_back_to_the_millisecond(moment):
    again = from_epoch_ms(to_epoch_ms(moment))
    assert abs((again - moment).total_seconds()) <= 0.0005
    assert to_epoch_ms(again) == to_epoch_ms(moment)


def test_a_second_server_is_refused_until_the_first_is_closed(tmp_path):
    first = Workspace(tmp_path)
    with pytest.raises(WorkspaceInUseError, match=r"in use by another server \(process \d+\)"):
        Workspace(tmp_path)
    worker = Workspace(tmp_path, worker=True)
    worker.close()
    first.close()
    Workspace(tmp_path).close()

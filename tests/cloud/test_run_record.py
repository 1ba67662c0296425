"""One local cloud per data folder, one listener per port."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from personalize_local.cloud.background import find_running, probe, stop
from personalize_local.cloud.listeners import PortTakenError, listen_on_loopback
from personalize_local.cloud.run_record import (
    DataFolderInUseError,
    RunRecord,
    acquire_lock,
    is_locked,
    read_run_record,
    write_run_record,
)
from personalize_local.cloud.settings import CloudSettings


def test_a_locked_folder_is_refused_and_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "cloud.lock"
    descriptor = acquire_lock(path, wait_s=0)
    with pytest.raises(DataFolderInUseError, match="is in use by another local cloud"):
        acquire_lock(path, wait_s=0)
    assert is_locked(path)
    os.close(descriptor)
    assert not is_locked(path)


def test_a_lock_that_is_about_to_be_free_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "cloud.lock"
    holder = acquire_lock(path, wait_s=0)
    threading.Timer(0.2, os.close, [holder]).start()
    os.close(acquire_lock(path, wait_s=10))


def test_the_run_record_reads_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert read_run_record(path) is None
    write_run_record(path, RunRecord(process_id=7, port=4566, socket_dir="/run/x"))
    assert read_run_record(path) == RunRecord(process_id=7, port=4566, socket_dir="/run/x")


def test_it_listens_on_loopback_only(settings: CloudSettings) -> None:
    sockets = listen_on_loopback(settings.port)
    try:
        assert {listener.getsockname()[0] for listener in sockets} <= {"127.0.0.1", "::1"}
        assert sockets[0].getsockname()[:2] == ("127.0.0.1", settings.port)
    finally:
        for listener in sockets:
            listener.close()


def test_a_taken_port_is_refused(settings: CloudSettings) -> None:
    with (
        socket.create_server(("127.0.0.1", settings.port)),
        pytest.raises(PortTakenError, match=f"Port {settings.port} on 127.0.0.1 cannot be used"),
    ):
        listen_on_loopback(settings.port)


def test_nothing_on_the_port_is_no_local_cloud(settings: CloudSettings) -> None:
    assert probe(settings.port) is None
    assert find_running(settings) is None
    assert stop(settings) is False


def test_something_else_on_the_port_is_told(settings: CloudSettings) -> None:
    listener = socket.create_server(("127.0.0.1", settings.port))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    threading.Thread(target=answer, daemon=True).start()
    with listener, pytest.raises(PortTakenError, match=f"Port {settings.port} is taken by something else"):
        find_running(settings)

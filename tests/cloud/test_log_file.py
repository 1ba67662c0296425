"""The log stays within its limit while others write to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from personalize_local.cloud.log_file import is_written_to, rotate


def test_a_log_beyond_its_limit_is_moved_aside_and_written_on(tmp_path: Path) -> None:
    path = tmp_path / "cloud.log"
    with path.open("ab", buffering=0) as log:
        log.write(b"first\n")
        assert not rotate(path, 6)
        log.write(b"second\n")
        assert rotate(path, 6)
        log.write(b"third\n")
        assert path.read_bytes() == b"third\n"
        assert (tmp_path / "cloud.log.1").read_bytes() == b"first\nsecond\n"
        assert rotate(path, 0)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cloud.log", "cloud.log.1"]
    assert (tmp_path / "cloud.log.1").read_bytes() == b"third\n"


@pytest.mark.parametrize("name", ["cloud.log", "other.log"])
def test_only_the_log_that_this_process_writes_to_is_looked_after(tmp_path: Path, name: str) -> None:
    path = tmp_path / "cloud.log"
    path.touch()
    with (tmp_path / name).open("ab") as written:
        assert is_written_to(path, written.fileno()) == (name == "cloud.log")
    assert not is_written_to(tmp_path / "absent.log", 2)

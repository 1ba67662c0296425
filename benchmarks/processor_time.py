"""What processes use of the processor, by what they are, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def processor_s(process_ids: Iterable[int]) -> float:
    """Give the seconds that processes have used since their starts; one that is gone has used none."""
    return sum(_ticks(process_id) for process_id in process_ids) / TICKS_PER_S


def descendants(process_id: int) -> list[int]:
    """Give a process and all that it started."""
    children = [child for child in all_processes() if _parent(child) == process_id]
    return [process_id, *(one for child in children for one in descendants(child))]


def with_variable(name: str, value: str) -> list[int]:
    """Give the processes that have an environment variable of this value."""
    wanted = f"{name}={value}".encode()
    return [one for one in all_processes() if wanted in _read(one, "environ").split(b"\0")]


def split_by_command(process_ids: Iterable[int], names: Mapping[str, str], rest: str) -> dict[str, list[int]]:
    """Sort processes by a word of their command lines: name → processes; those without any word are the rest."""
    found: dict[str, list[int]] = {name: [] for name in (*names, rest)}
    for process_id in process_ids:
        command = _read(process_id, "cmdline").decode(errors="replace")
        found[next((name for name, word in names.items() if word in command), rest)].append(process_id)
    return found


def all_processes() -> list[int]:
    """Give the ids of all processes."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _read(process_id: int, file: str) -> bytes:
    try:
        return (PROC / str(process_id) / file).read_bytes()
    except OSError:  # gone, or somebody else's
        return b""


def _fields(process_id: int) -> list[bytes]:
    return _read(process_id, "stat").rpartition(b")")[2].split()


def _ticks(process_id: int) -> int:
    fields = _fields(process_id)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _parent(process_id: int) -> int:
    fields = _fields(process_id)
    return int(fields[1]) if fields else 0

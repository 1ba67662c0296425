"""What readers read in earlier walks: the local cloud remembers their events, so the walk must, too."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from examples.demo.catalogue import Reader, Reading


class Journal:
    """A file of readings, one JSON line each. It lies beside the local cloud's data and goes with it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, user_id: str, readings: Iterable[Reading]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps([user_id, entry.item_id, entry.epoch_s]) + "\n" for entry in readings)

    def extend(self, readers: Sequence[Reader]) -> list[Reader]:
        """Give the readers with what they read in earlier walks after what the data says."""
        added = self._readings()
        return [
            replace(reader, readings=(*reader.readings, *added[reader.user_id])) if reader.user_id in added else reader
            for reader in readers
        ]

    def _readings(self) -> dict[str, list[Reading]]:
        found: dict[str, list[Reading]] = defaultdict(list)
        if self._path.is_file():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                user_id, item_id, epoch_s = json.loads(line)
                found[user_id].append(Reading(item_id, epoch_s))
        return found

"""What is known about the emulator's last save: the record its process keeps, and what a kill lost.

MiniStack keeps its state in memory; only S3 objects are on disk at once. Its process saves the rest now and then and at
a clean end, and touches a heartbeat file every second, so that the next start can say how much is missing.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

SAFE = "S3 objects are there, and Personalize lost nothing"


@dataclass(frozen=True)
class StateRecord:
    """When the emulator's state was last saved (aware UTC), and whether that was at its end."""

    saved_at: datetime
    is_final: bool


class StateRecordFile:
    """The record and the heartbeat of one emulator folder."""

    def __init__(self, folder: Path) -> None:
        self._record_path = folder / "saved.json"
        self._heartbeat_path = folder / "heartbeat"

    def write(self, record: StateRecord) -> None:
        data = asdict(record) | {"saved_at": record.saved_at.isoformat()}
        unfinished = self._record_path.with_suffix(".part")
        unfinished.write_text(json.dumps(data))
        os.replace(unfinished, self._record_path)

    def read(self) -> StateRecord | None:
        """Return the record; None when nothing was ever saved."""
        try:
            data = json.loads(self._record_path.read_text())
        except FileNotFoundError:
            return None
        return StateRecord(saved_at=datetime.fromisoformat(data["saved_at"]), is_final=data["is_final"])

    def beat(self) -> None:
        """Say that the emulator is alive now."""
        self._heartbeat_path.touch()

    def last_beat_at(self) -> datetime | None:
        try:
            return datetime.fromtimestamp(self._heartbeat_path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None


def describe_loss(record: StateRecord | None, last_beat_at: datetime | None) -> str:
    """Say what the end of a local cloud that was killed has cost, in one sentence for a person.

    Units: times are aware UTC and shown in local time.
    """
    if record is None or last_beat_at is None:
        return f"It was killed while it started: {SAFE}."
    saved = f"{record.saved_at.astimezone():%H:%M:%S}"
    if record.is_final:
        return f"It was killed, but the emulator could still save its state at {saved}: nothing is lost."
    gap_s = max(1, round((last_beat_at - record.saved_at).total_seconds()))
    return (
        f"It was killed. The emulator's state is from {saved}; anything other services did in the {gap_s} s after that "
        f"is gone. {SAFE}."
    )

"""The mails that the local cloud sent, as files: `<data dir>/mail/<time>-<n>.eml`."""

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    """A mail as it was sent; `number` counts from 1 in the order of sending."""

    number: int
    sender: str
    recipient: str
    subject: str
    date: str
    body: str


class Outbox:
    """A folder of sent mails. One process writes, any process reads; a mail appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def send(self, *, sender: str, recipient: str, subject: str, body: str, at: datetime) -> Path:
        """Write one mail (RFC 5322); return its file. `at` is aware UTC."""
        message = EmailMessage(policy=policy.SMTP.clone(cte_type="8bit"))
        message["From"] = sender
        message["To"] = recipient
        message["Subject"] = " ".join(subject.split())
        message["Date"] = format_datetime(at)
        message.set_content(body, charset="utf-8", cte="8bit")
        with self._lock:
            return self._write(message.as_bytes(), at)

    def _write(self, content: bytes, at: datetime) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = max((_number(path) for path in self._paths()), default=0) + 1
        path = self._folder / f"{at:%Y%m%dT%H%M%SZ}-{number:06d}.eml"
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
        return path

    def list(self) -> list[Mail]:
        """Return all mails, oldest first."""
        return [read_mail(path) for path in sorted(self._paths(), key=_number)]

    def find(self, number: int) -> Mail | None:
        return next((read_mail(path) for path in self._paths() if _number(path) == number), None)

    def _paths(self) -> Iterator[Path]:
        yield from (path for path in self._folder.glob("*-*.eml") if _number(path))


def read_mail(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Mail(
        number=_number(path),
        sender=str(message["From"]),
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        body=message.get_content().replace("\r\n", "\n"),
    )


def _number(path: Path) -> int:
    with contextlib.suppress(ValueError):
        return int(path.stem.rpartition("-")[2])
    return 0

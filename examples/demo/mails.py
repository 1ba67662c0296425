"""The mails that the local cloud's notification topics sent."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

MAIL_LIMIT_S = 15


def mail_files(folder: Path) -> frozenset[Path]:
    return frozenset(folder.glob("*.eml")) if folder.is_dir() else frozenset()


def wait_for_mail(folder: Path, known: frozenset[Path]) -> EmailMessage | None:
    """Give the newest mail that was not there before; None when none has come after a while."""
    limit = time.monotonic() + MAIL_LIMIT_S
    while time.monotonic() < limit:
        new = mail_files(folder) - known
        if new:
            newest = max(new, key=lambda path: (path.stat().st_mtime_ns, path.name))
            return message_from_bytes(newest.read_bytes(), policy=policy.default)
        time.sleep(0.3)
    return None


def mail_text(mail: EmailMessage) -> str:
    """Write a mail as a mail program would show it, without the signature that SNS puts under every mail."""
    body = mail.get_body(preferencelist=("plain",))
    text = body.get_content() if body else mail.get_payload()
    heads = "\n".join(f"{name}: {mail[name]}" for name in ("From", "To", "Subject") if mail[name])
    written = re.split(r"^-- ?\r?$", str(text), maxsplit=1, flags=re.MULTILINE)[0]
    return f"{heads}\n\n{written.strip()}"

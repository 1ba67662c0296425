"""Sent mails as files, and the pages that show them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from personalize_local.cloud.outbox import Outbox
from personalize_local.cloud.pages import Pages
from tests.cloud.asgi_calls import ask, http_scope

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def send(outbox: Outbox, subject: str = "Done", body: str = "All is well: naïve – 日本\n") -> Path:
    sender, recipient = "News <no-reply@example.com>", "reader@example.com"
    return outbox.send(sender=sender, recipient=recipient, subject=subject, body=body, at=AT)


def test_a_mail_is_a_readable_file_named_by_time_and_number(tmp_path: Path) -> None:
    path = send(Outbox(tmp_path / "mail"))
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert path.name == "20260102T030405Z-000001.eml"
    assert (message["To"], message["From"]) == ("reader@example.com", "News <no-reply@example.com>")
    assert message["Date"].datetime == AT
    assert message.get_content() == "All is well: naïve – 日本\r\n"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_mails_are_listed_in_the_order_of_sending_also_by_another_outbox(tmp_path: Path) -> None:
    for number in range(12):
        send(Outbox(tmp_path), subject=f"mail {number}")
    mails = Outbox(tmp_path).list()
    assert [mail.number for mail in mails] == list(range(1, 13))
    assert [mail.subject for mail in mails] == [f"mail {number}" for number in range(12)]


def test_a_subject_cannot_add_headers(tmp_path: Path) -> None:
    path = send(Outbox(tmp_path), subject="Failed\r\nBcc: everyone@example.com")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "Failed Bcc: everyone@example.com"


def test_a_long_line_and_an_empty_body_survive(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    for body in ("x" * 5000 + "\n", "\n"):
        send(outbox, body=body)
    assert [mail.body for mail in outbox.list()] == ["x" * 5000 + "\n", "\n"]


def test_the_pages_list_and_show_mails(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    send(outbox)
    pages = Pages(lambda: {"status": "ok"}, outbox)
    status, _, body = ask(pages, http_scope(path="/_personalize/mail"))
    listed = json.loads(body)["mails"]
    assert status == 200
    assert [mail["subject"] for mail in listed] == ["Done"]
    assert json.loads(ask(pages, http_scope(path="/_personalize/mail/1"))[2]) == listed[0]


def test_the_health_page_says_what_it_is_given(tmp_path: Path) -> None:
    pages = Pages(lambda: {"status": "ok"}, Outbox(tmp_path))
    status, headers, body = ask(pages, http_scope(path="/_personalize/health"))
    assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", {"status": "ok"})


def test_other_pages_and_other_methods_are_refused_with_a_hint(tmp_path: Path) -> None:
    pages = Pages(dict, Outbox(tmp_path))
    for path in ("/_personalize/mail/1", "/_personalize/mail/x", "/_personalize/none"):
        status, _, body = ask(pages, http_scope(path=path))
        assert status == 404
        assert f"There is no {path}; there are /_personalize/health" in json.loads(body)["message"]
    status, headers, body = ask(pages, http_scope("DELETE", "/_personalize/mail"))
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert json.loads(body)["message"] == "These pages are read only: use GET."

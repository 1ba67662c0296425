"""Rows of JSON Lines as DynamoDB takes them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from examples.demo import load_content


class FakeDynamoDb:
    """Takes every row."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def batch_write_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        for requests in RequestItems.values():
            self.rows += [request["PutRequest"]["Item"] for request in requests]
        return {}


def test_every_line_becomes_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeDynamoDb()
    monkeypatch.setattr(load_content.boto3, "client", lambda _service: fake)
    file = tmp_path / "rows.jsonl"
    file.write_text('{"ContentId": "a", "WordCount": 12, "Share": 0.5}\n{"ContentId": "b", "Byline": ["A. Roy"]}\n')
    assert load_content.main([str(file), "Content"]) == 0
    assert fake.rows[0] == {"ContentId": {"S": "a"}, "WordCount": {"N": "12"}, "Share": {"N": str(Decimal("0.5"))}}
    assert fake.rows[1]["Byline"] == {"L": [{"S": "A. Roy"}]}


def test_a_missing_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(load_content.boto3, "client", lambda _service: FakeDynamoDb())
    assert load_content.main([str(tmp_path / "none.jsonl"), "Content"]) == 1
    assert "none.jsonl" in capsys.readouterr().out

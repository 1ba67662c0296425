"""The checks before anything is created."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def function(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("check_parameters")


def messages(checked: dict[str, Any]) -> str:
    return "\n".join(f"{found['severity']} {found['path']}: {found['message']}" for found in checked["findings"])


def test_the_newspapers_file_is_accepted(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    checked = function.check.check(json.dumps(parameters).encode(), lambda prefix: 1)

    assert (checked["accepted"], checked["findings"]) == (True, [])
    assert checked["parameters"] == parameters


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a": 1,}', "The file is not JSON: .* at line 1, column 9"),
        (b"", "The file is not JSON: Expecting value at line 1, column 1"),
        (b'{"a": "\xff"}', r"The file is not UTF-8 text \(byte 7\)"),
        (b" " * 100_001, "The file has more than 100,000 bytes"),
        (b"[" * 90_000, "The file is nested too deeply"),
        (b'{"filters": [], "filters": []}', "The key 'filters' is given twice"),
    ],
)
def test_what_is_no_parameter_file_is_a_finding(function: SimpleNamespace, body: bytes, message: str) -> None:
    checked = function.check.check(body, lambda prefix: 1)

    assert not checked["accepted"]
    assert checked["parameters"] is None
    assert re.search(message, messages(checked))


def test_every_mistake_is_found_at_once(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    del parameters["campaigns"]["similarItemsCampaign"]
    parameters["solutions"]["userPersonalization"]["recipeArn"] = "arn:aws:personalize:::recipe/aws-no-such"
    parameters["filters"][0]["filterExpression"] = "INCLUDE ItemID WHERE Items.NO_SUCH IN (1)"

    checked = function.check.check(json.dumps(parameters).encode(), lambda prefix: 0)

    found = messages(checked)
    assert not checked["accepted"]
    for path in ("campaigns", "solutions.userPersonalization.recipeArn", "filters[0].filterExpression"):
        assert f"error {path}" in found
    assert "error datasets.Interactions: There is no data under Interactions/" in found
    assert "error datasets.Items: There is no data under Items/" in found


@pytest.mark.parametrize("data", [None, [], "x", 3, {"datasets": []}, {"datasets": {"Items": None}}])
def test_any_json_is_answered_with_findings(function: SimpleNamespace, data: object) -> None:
    checked = function.check.check(json.dumps(data).encode(), lambda prefix: 1)

    assert not checked["accepted"]
    assert checked["findings"]


def test_warnings_do_not_refuse_the_file(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    del parameters["eventTracker"]

    checked = function.check.check(json.dumps(parameters).encode(), lambda prefix: 1)

    assert checked["accepted"]
    assert [found["severity"] for found in checked["findings"]] == ["warning"]


class FakeS3:
    """One object, two versions of it, and a data folder."""

    def __init__(self, versions: dict[str | None, bytes], sizes: dict[str, list[int]]) -> None:
        self.versions, self.sizes = versions, sizes

    def get_object(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.versions[VersionId])}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:
        found = [{"Key": f"{Prefix}{index}", "Size": size} for index, size in enumerate(self.sizes.get(Prefix, []))]
        return {"Contents": found[:MaxKeys]} if found else {}


def test_the_handler_reads_the_uploaded_version(
    function: SimpleNamespace, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeS3({"v1": json.dumps(parameters).encode(), None: b"{"}, {"Interactions/": [0, 9], "Items/": [9]})
    monkeypatch.setattr(function.handler, "boto3", SimpleNamespace(client=lambda name: client))
    uploaded = {"bucket": "input", "key": "params.json"}

    assert function.handler.handler({"object": {**uploaded, "version_id": "v1"}}, None)["accepted"]
    assert not function.handler.handler({"object": {**uploaded, "version_id": None}}, None)["accepted"]


def test_folder_markers_are_no_data(
    function: SimpleNamespace, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeS3({None: json.dumps(parameters).encode()}, {"Interactions/": [0], "Items/": [9]})
    monkeypatch.setattr(function.handler, "boto3", SimpleNamespace(client=lambda name: client))

    checked = function.handler.handler({"object": {"bucket": "input", "key": "params.json"}}, None)

    assert [found["path"] for found in checked["findings"]] == ["datasets.Interactions"]

"""The checks before anything is created."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fake_personalize import FakePersonalize
from pipeline.gateway import PersonalizeGateway

from tests.csv_files import NOW_EPOCH_S, csv_text, good_files, good_rows


@pytest.fixture
def function(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("check_parameters")


def check(
    function: SimpleNamespace,
    body: bytes,
    files: dict[str, Any] | None = None,
    existing: dict[str, list[str]] | None = None,
) -> dict[str, Any]:
    return function.check.check(
        body, lambda prefix: (files or {}).get(prefix.strip("/"), []), lambda group: existing or {}, NOW_EPOCH_S
    )


def messages(checked: dict[str, Any]) -> str:
    return "\n".join(f"{found['severity']} {found['path']}: {found['message']}" for found in checked["findings"])


def test_the_newspapers_file_is_accepted(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    checked = check(function, json.dumps(parameters).encode(), good_files(parameters))

    assert checked["accepted"]
    [room] = checked["findings"]  # with AWS's default quota one of the three campaigns has no second slot
    assert (room["path"], room["severity"]) == ("campaigns", "warning")
    assert "personalizedRankingCampaign is updated in place, for all readers at once" in room["message"]
    assert checked["parameters"] == parameters
    assert checked["sampled"] == [
        "Interactions: 1 file, all 65 KB read, 1,040 rows checked",
        "Items: 1 file, all 1 KB read, 30 rows checked",
    ]


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
    checked = check(function, body)

    assert not checked["accepted"]
    assert checked["parameters"] is None
    assert re.search(message, messages(checked))


def test_every_mistake_is_found_at_once(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    del parameters["campaigns"]["similarItemsCampaign"]
    parameters["solutions"]["userPersonalization"]["recipeArn"] = "arn:aws:personalize:::recipe/aws-no-such"
    parameters["filters"][0]["filterExpression"] = "INCLUDE ItemID WHERE Items.NO_SUCH IN (1)"

    checked = check(function, json.dumps(parameters).encode())

    found = messages(checked)
    assert not checked["accepted"]
    for path in ("campaigns", "solutions.userPersonalization.recipeArn", "filters[0].filterExpression"):
        assert f"error {path}" in found
    assert "error datasets.Interactions: There is no data under Interactions/" in found
    assert "error datasets.Items: There is no data under Items/" in found


@pytest.mark.parametrize("data", [None, [], "x", 3, {"datasets": []}, {"datasets": {"Items": None}}])
def test_any_json_is_answered_with_findings(function: SimpleNamespace, data: object) -> None:
    checked = check(function, json.dumps(data).encode())

    assert not checked["accepted"]
    assert checked["findings"]


def test_warnings_do_not_refuse_the_file(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    del parameters["eventTracker"]

    checked = check(function, json.dumps(parameters).encode(), good_files(parameters))

    assert checked["accepted"]
    assert {found["severity"] for found in checked["findings"]} == {"warning"}


def test_very_many_findings_are_cut_and_the_errors_kept(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    parameters |= {f"key{place}": 1 for place in range(300)}
    del parameters["datasetGroup"]

    checked = check(function, json.dumps(parameters).encode(), good_files(parameters))

    assert len(checked["findings"]) == 201
    assert checked["findings"][0]["path"] == "datasetGroup"
    assert checked["findings"][-1]["message"].endswith("more findings: correct these first.")


def test_quotas_are_told_and_stop_nothing(function: SimpleNamespace, parameters: dict[str, Any]) -> None:
    others = {"dataset-group": [f"other-{place}" for place in range(5)]}

    checked = check(function, json.dumps(parameters).encode(), good_files(parameters), others)

    assert checked["accepted"]
    [found] = [each for each in checked["findings"] if each["path"] == "datasetGroup"]
    assert found["severity"] == "warning"
    assert found["message"].startswith("The region has 5 dataset groups, and this file makes 1 more: AWS allows 5")


def test_what_the_account_has_is_counted_over_all_pages(
    function: SimpleNamespace, gateway: PersonalizeGateway, personalize: FakePersonalize
) -> None:
    for group in ("one", "two", "three"):
        group_arn = personalize.create_dataset_group(name=group)["datasetGroupArn"]
        for name in ("a", "b", "c"):
            recipe_arn = "arn:aws:personalize:::recipe/aws-sims"
            personalize.create_filter(name=f"{group}-{name}", datasetGroupArn=group_arn, filterExpression="x")
            made = personalize.create_solution(name=f"{group}-{name}", datasetGroupArn=group_arn, recipeArn=recipe_arn)
            version_arn = personalize.create_solution_version(solutionArn=made["solutionArn"])["solutionVersionArn"]
            personalize.create_campaign(name=f"{group}-{name}", solutionVersionArn=version_arn)

    names = function.existing.existing_names(gateway, "two")

    assert names["dataset-group"] == ["one", "two", "three"]
    assert names["schema"] == []
    for kind in ("solution", "filter", "campaign"):
        assert names[kind] == ["two-a", "two-b", "two-c"], kind
    assert set(function.existing.existing_names(gateway, "four")) == {"dataset-group", "schema"}


class FakeS3:
    """Objects by key, listed two a page; the parameter file in several versions."""

    def __init__(self, versions: dict[str | None, bytes], objects: dict[str, bytes]) -> None:
        self.versions, self.objects = versions, objects

    def get_object(self, *, Bucket: str, Key: str, VersionId: str | None = None, Range: str = "") -> dict[str, Any]:
        if not Range:
            return {"Body": io.BytesIO(self.versions[VersionId])}
        start, end = map(int, Range.removeprefix("bytes=").split("-"))
        return {"Body": io.BytesIO(self.objects[Key][start : end + 1])}

    def list_objects_v2(
        self, *, Bucket: str, Prefix: str, Delimiter: str, ContinuationToken: str = "0"
    ) -> dict[str, Any]:
        keys = [key for key in self.objects if key.startswith(Prefix) and Delimiter not in key[len(Prefix) :]]
        first = int(ContinuationToken)
        page = [{"Key": key, "Size": len(self.objects[key])} for key in keys[first : first + 2]]
        more = first + 2 < len(keys)
        token = {"NextContinuationToken": str(first + 2)} if more else {}
        return {"Contents": page, "IsTruncated": more, **token}


def install(function: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, client: FakeS3) -> None:
    monkeypatch.setattr(function.handler, "boto3", SimpleNamespace(client=lambda name: client))
    monkeypatch.setattr(function.handler, "_gateway", PersonalizeGateway(FakePersonalize(datetime.now(UTC))))
    monkeypatch.setattr(function.handler, "time", SimpleNamespace(time=lambda: NOW_EPOCH_S))


def test_the_handler_reads_the_uploaded_version(
    function: SimpleNamespace, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = {
        f"{name}/{part}.csv": csv_text(good_rows(parameters, name)[part::3]).encode()
        for name in parameters["datasets"]
        for part in range(3)
    }
    install(function, monkeypatch, FakeS3({"v1": json.dumps(parameters).encode(), None: b"{"}, objects))
    uploaded = {"bucket": "input", "key": "params.json"}

    checked = function.handler.handler({"object": {**uploaded, "version_id": "v1"}}, None)

    assert checked["accepted"]
    assert checked["sampled"][0].startswith("Interactions: 3 files, all 65 KB read, 1,040 rows checked")
    assert not function.handler.handler({"object": {**uploaded, "version_id": None}}, None)["accepted"]


def test_folder_markers_and_subfolders_are_no_data(
    function: SimpleNamespace, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = {
        "Interactions/": b"",
        "Interactions/old/1.csv": b"x",
        "Items/1.csv": csv_text(good_rows(parameters, "Items")).encode(),
    }
    install(function, monkeypatch, FakeS3({None: json.dumps(parameters).encode()}, objects))

    checked = function.handler.handler({"object": {"bucket": "input", "key": "params.json"}}, None)

    assert [found["path"] for found in checked["findings"]] == ["datasets.Interactions", "campaigns"]


KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
ROLE = "arn:aws:iam::123456789012:role/key"
OWN_ROLE = "arn:aws:iam::123456789012:role/stack-PersonalizeRole"
NO_KEY = (
    f"The stack was deployed without a key, and has no rights on this one: deploy it with the parameter KmsKeyArn={KEY}"
)
OTHER_KEY = "The stack was deployed with the key other, and has no rights on this one"
NO_ROLE = (
    "The stack may not hand this role to Personalize: leave roleArn out to take the stack's own role, or deploy the "
    f"stack with KmsRoleArn={ROLE}."
)


@pytest.mark.parametrize(
    ("group", "deployed", "found"),
    [
        ({"kmsKeyArn": KEY}, {"KMS_KEY_ARN": KEY}, {}),
        ({"kmsKeyArn": KEY, "roleArn": ROLE}, {"KMS_KEY_ARN": KEY, "KMS_ROLE_ARN": ROLE}, {}),
        ({"kmsKeyArn": KEY, "roleArn": OWN_ROLE}, {"KMS_KEY_ARN": KEY, "PERSONALIZE_ROLE_ARN": OWN_ROLE}, {}),
        ({"kmsKeyArn": KEY}, {}, {"kmsKeyArn": NO_KEY}),
        ({"kmsKeyArn": KEY}, {"KMS_KEY_ARN": "other"}, {"kmsKeyArn": OTHER_KEY}),
        ({"kmsKeyArn": KEY, "roleArn": ROLE}, {"KMS_KEY_ARN": KEY, "KMS_ROLE_ARN": ""}, {"roleArn": NO_ROLE}),
        ({"kmsKeyArn": KEY, "roleArn": ROLE}, {}, {"kmsKeyArn": NO_KEY, "roleArn": NO_ROLE}),
        ({}, {"KMS_KEY_ARN": KEY}, {}),
    ],
)
def test_a_key_or_a_role_that_the_stack_has_not_is_refused(
    function: SimpleNamespace,
    parameters: dict[str, Any],
    group: dict[str, str],
    deployed: dict[str, str],
    found: dict[str, str],
) -> None:
    parameters["datasetGroup"] |= group
    own = function.handler.own_deployment(deployed)

    checked = function.check.check(
        json.dumps(parameters).encode(),
        lambda prefix: good_files(parameters).get(prefix.strip("/"), []),
        lambda name: {},
        NOW_EPOCH_S,
        own,
    )

    assert checked["accepted"] == (not found)
    errors = [each for each in checked["findings"] if each["severity"] == "error"]
    told = {each["path"].removeprefix("datasetGroup."): each["message"] for each in errors}
    assert told.keys() == found.keys()
    assert all(told[path].startswith(text) for path, text in found.items())

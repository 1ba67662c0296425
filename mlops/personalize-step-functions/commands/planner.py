"""Put together what `plan.py` tells: findings, steps, costs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.gateway import PersonalizeGateway
from pipeline.planning import Run

from commands.amounts import measure
from commands.estimate import Estimate, estimate
from commands.outlook import Step, outlook
from personalize_spec.arns import Scope
from personalize_spec.parameters import DATASET_TYPE_OF, Finding, check_parameters, has_errors
from personalize_spec.preflight import DataFile, check_data, check_quotas, check_release_room, parse_parameter_file
from personalize_spec.preflight.release_room import release_ways
from personalize_spec.prices import PriceTable

FUNCTIONS = Path(__file__).parents[1] / "functions"
NO_BUCKET = "input-bucket"
IMPORTED = "imported"
_ROLE = "pipeline"  # which role imports is of no account for what there is to do


@dataclass(frozen=True)
class Source:
    """Where the data are: a client that reads a bucket, or a folder that will be one."""

    client: Any
    bucket: str


@dataclass(frozen=True)
class Outlook:
    """What a run would do and cost; with an error among the findings it would do nothing."""

    findings: tuple[Finding, ...]
    steps: tuple[Step, ...] = ()
    costs: Estimate | None = None


class Planner:
    """Looks ahead, with a client of Personalize that only describes and lists."""

    def __init__(self, client: Any, scope: Scope, prices: PriceTable) -> None:
        self._gateway = PersonalizeGateway(client)
        self._scope, self._prices = scope, prices

    def plan(self, body: bytes, source: Source | None, now_epoch_s: float) -> Outlook:
        """Check the file and its data as a run would, then look up everything it would make.

        Errors: all of pipeline.errors; OSError, ClientError and BotoCoreError where the data cannot be read.
        """
        data, findings = parse_parameter_file(body)
        if data is not None or not findings:
            findings += check_parameters(data)
        if has_errors(findings):
            return Outlook(tuple(findings))
        existing = self._existing(data["datasetGroup"]["name"])
        campaigns = existing.get("campaign", ())
        findings += [*check_quotas(data, existing), *check_release_room(data, campaigns)]
        files = _files(source) if source else {}
        if source:
            findings += check_data(data, files, now_epoch_s, imported=existing.get(IMPORTED, ())).findings
        if has_errors(findings):
            return Outlook(tuple(findings))
        ways = {way.name: way.how for way in release_ways(data, campaigns)}
        steps = outlook(self._gateway, data, self._run(data, source), ways)
        solutions = [step.arn for step in steps if step.kind == "solution" and step.arn]
        costs = estimate(data, steps, measure(files, self._gateway, solutions), self._prices)
        return Outlook(tuple(findings), tuple(steps), costs)

    def _existing(self, group: str) -> Mapping[str, Sequence[str]]:
        """The names of what the account has by kind, and the datasets with data, as the workflow's check sees them."""
        return _function("check_parameters", "existing").existing_names(self._gateway, group)

    def _run(self, data: Mapping[str, Any], source: Source | None) -> Run:
        """An upload of the file, as the pipeline would plan it."""
        bucket = source.bucket if source else NO_BUCKET
        fingerprints = _function("plan_resources", "inputs").fingerprints(source.client, bucket, data) if source else {}
        role_arn = f"arn:{self._scope.partition}:iam::{self._scope.account_id}:role/{_ROLE}"
        return Run(scope=self._scope, bucket=bucket, role_arn=role_arn, files=fingerprints)


def _files(source: Source) -> dict[str, Sequence[DataFile]]:
    return {key: _listed(source, f"{key}/") for key in DATASET_TYPE_OF}


def _listed(source: Source, prefix: str) -> list[DataFile]:
    """The files directly under a prefix, as an import reads them."""
    pages = source.client.get_paginator("list_objects_v2").paginate(Bucket=source.bucket, Prefix=prefix, Delimiter="/")
    entries = [entry for page in pages for entry in page.get("Contents", [])]
    return [_file(source, entry["Key"], entry["Size"]) for entry in entries if not entry["Key"].endswith("/")]


def _file(source: Source, key: str, size_bytes: int) -> DataFile:
    def read(start: int, end: int) -> bytes:
        place = {"Bucket": source.bucket, "Key": key, "Range": f"bytes={start}-{end - 1}"}
        return source.client.get_object(**place)["Body"].read()

    return DataFile(key, size_bytes, read)


def _function(folder: str, module: str) -> ModuleType:
    """Load a module of a function as Lambda does, by its bare name beside its neighbours; leave no trace of them."""
    path = FUNCTIONS / folder
    names = [file.stem for file in path.glob("*.py")]
    others = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(path))
    try:
        return importlib.import_module(module)
    finally:
        sys.path.remove(str(path))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(others)

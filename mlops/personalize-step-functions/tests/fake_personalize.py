"""A Personalize in memory: requests are checked against botocore's shapes, replies hold members of them only.

Each Describe moves a resource one step through its statuses. `faults` makes the next calls of an operation fail;
`failures` makes the resource whose ARN ends so end in CREATE FAILED, `fails` those whose ARN has the text in it.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import OperationModel
from botocore.validate import ParamValidator
from botocore_models import service_model

STATUSES = ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE")
SCOPE = "arn:aws:personalize:us-east-1:123456789012"


def operation_model(operation: str) -> OperationModel:
    """botocore's model of a boto3 method: create_dataset_group is CreateDatasetGroup."""
    return service_model("personalize").operation_model("".join(word.capitalize() for word in operation.split("_")))


def client_error(code: str, message: str, operation: str = "Operation", http_status: int = 400) -> ClientError:
    """The exception botocore raises for an error reply."""
    reply = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": http_status}}
    return ClientError(reply, operation)


def _member(noun: str) -> str:
    first, *rest = noun.split("_")
    return first + "".join(word.capitalize() for word in rest)


class FakePersonalize:
    """What a boto3 client of Personalize offers the pipeline."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.resources: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, list[Exception]] = defaultdict(list)
        self.failures: dict[str, str] = {}
        self.fails: dict[str, str] = {}
        self._steps: dict[str, Iterator[str]] = {}
        self._lock = threading.RLock()

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        if operation.startswith("__"):
            raise AttributeError(operation)
        return partial(self._call, operation)

    def count(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(name == operation for name, _ in self.calls)

    def arguments(self, operation: str) -> list[dict[str, Any]]:
        """The arguments of every call of an operation."""
        return [arguments for name, arguments in self.calls if name == operation]

    def finish(self) -> None:
        """Take every resource to its last status."""
        for arn in list(self.resources):
            for _ in STATUSES:
                self._advance(arn)

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        report = ParamValidator().validate(arguments, operation_model(operation).input_shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        with self._lock:
            self.calls.append((operation, arguments))
            self.now += timedelta(milliseconds=1)
            if self.faults[operation]:
                raise self.faults[operation].pop(0)
            verb, _, noun = operation.partition("_")
            return getattr(self, f"_{verb}")(noun, arguments)

    def _create(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._arn(noun, arguments)
        if arn in self.resources:
            raise client_error("ResourceAlreadyExistsException", f"{arn} exists already.")
        members = {**arguments, f"{_member(noun)}Arn": arn, "creationDateTime": self.now}
        if noun != "schema":
            members["status"] = STATUSES[0]
            self._steps[arn] = iter(self._path(arn))
        if noun == "event_tracker":
            members["trackingId"] = "11111111-2222-3333-4444-555555555555"
        if noun == "solution_version":
            members["trainingType"] = "MANUAL"
        shape = operation_model(f"describe_{noun}").output_shape.members[_member(noun)]
        self.resources[arn] = {name: value for name, value in members.items() if name in shape.members}
        created = operation_model(f"create_{noun}").output_shape.members
        return {name: value for name, value in members.items() if name in created}

    def _describe(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(arguments[f"{_member(noun)}Arn"])
        reply = {_member(noun): dict(self.resources[arn])}
        self._advance(arn)
        return reply

    def _update(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(arguments[f"{_member(noun)}Arn"])
        changes = {name: value for name, value in arguments.items() if name != f"{_member(noun)}Arn"}
        update = {**changes, "status": STATUSES[0], "creationDateTime": self.now}
        self.resources[arn][f"latest{noun.capitalize()}Update"] = update
        self._steps[arn] = iter(self._path(arn))
        return {f"{_member(noun)}Arn": arn}

    def _start(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(arguments[f"{_member(noun)}Arn"])
        self.resources[arn]["status"] = "START PENDING"
        self._steps[arn] = iter(("START IN_PROGRESS", "ACTIVE"))
        return {f"{_member(noun)}Arn": arn}

    def _delete(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(arguments[f"{_member(noun)}Arn"])
        if noun == "schema" and any(
            each.get("schemaArn") == arn for each in self.resources.values() if "datasetArn" in each
        ):
            raise client_error("ResourceInUseException", f"{arn} is in use.")
        del self.resources[arn]
        return {}

    def _get(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert noun == "solution_metrics"
        self._existing(arguments["solutionVersionArn"])
        return {"metrics": {"coverage": 0.5, "precision_at_25": 0.25}}

    def _list(self, nouns: str, arguments: dict[str, Any]) -> dict[str, Any]:
        noun = nouns.removesuffix("s")
        parents = {name: value for name, value in arguments.items() if name.endswith("Arn")}
        result = "Filters" if nouns == "filters" else _member(nouns)  # the API's own spelling
        shape = operation_model(f"list_{nouns}").output_shape.members[result].member
        found = [
            {name: value for name, value in members.items() if name in shape.members}
            for arn, members in self.resources.items()
            if members.get(f"{_member(noun)}Arn") == arn
            and parents.items() <= {**members, **self._parents(members)}.items()
        ]
        start = int(arguments.get("nextToken", "0"))
        page = found[start : start + 2]
        more = {"nextToken": str(start + 2)} if start + 2 < len(found) else {}
        return {result: page, **more}

    def _advance(self, arn: str) -> None:
        """Move to the next status; an update that is done becomes the resource's own state."""
        status = next(self._steps.get(arn, iter(())), None)
        if status is None:
            return
        members = self.resources[arn]
        update = next((name for name in members if name.startswith("latest") and name.endswith("Update")), None)
        target = members[update] if update else members
        target["status"] = status
        if status == "CREATE FAILED":
            target["failureReason"] = self._reason(arn) or "It is not known why."
        elif update and status == "ACTIVE":
            state = ("status", "creationDateTime")
            members.update({name: value for name, value in target.items() if name not in state})

    def _path(self, arn: str) -> tuple[str, ...]:
        return (STATUSES[1], "CREATE FAILED" if self._reason(arn) else STATUSES[2])

    def _reason(self, arn: str) -> str | None:
        reasons = [text for end, text in self.failures.items() if arn.endswith(end)]
        return next(iter(reasons + [text for part, text in self.fails.items() if part in arn]), None)

    def _parents(self, members: dict[str, Any]) -> dict[str, Any]:
        """A version's summary does not tell its solution; the ARN does."""
        version = members.get("solutionVersionArn")
        return {"solutionArn": version.rsplit("/", 1)[0]} if version else {}

    def _existing(self, arn: str) -> str:
        if arn not in self.resources:
            raise client_error("ResourceNotFoundException", f"Resource Arn {arn} does not exist.")
        return arn

    def _arn(self, noun: str, arguments: dict[str, Any]) -> str:
        if noun == "dataset":
            group = arguments["datasetGroupArn"].rsplit("/", 1)[-1]
            return f"{SCOPE}:dataset/{group}/{arguments['datasetType'].upper()}"
        if noun == "solution_version":
            digest = hashlib.sha256(str(len(self.resources)).encode()).hexdigest()[:8]
            return f"{arguments['solutionArn']}/{arguments.get('name', digest)}"
        name = arguments.get("jobName") or arguments["name"]
        return f"{SCOPE}:{noun.replace('_', '-')}/{name}"

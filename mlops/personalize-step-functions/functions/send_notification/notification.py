"""The mail that tells how an execution ended; pure.

A failure says which step of which resource, the cause in Personalize's own words, what to do, and where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from failures import UPLOAD_AGAIN, failure_lines
from release_mail import COMPOSERS, RELEASE_ERRORS

SUBJECT_MAX_LENGTH = 100
MESSAGE_MAX_BYTES = 200_000
CAUSE_MAX_LENGTH = 30_000

PARAMETERS_REFUSED = "ParametersRefused"
DEPLOYMENT_FAILED = "DeploymentFailed"
REPORTED_ERRORS = frozenset({PARAMETERS_REFUSED, DEPLOYMENT_FAILED}) | RELEASE_ERRORS

_CONSOLES = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "{region}.console.amazonaws.cn",
    "aws-us-gov": "{region}.console.amazonaws-us-gov.com",
}


@dataclass(frozen=True)
class Notification:
    """A mail, and what the execution ends with: empty texts where it succeeded."""

    subject: str
    message: str
    error: str = ""
    cause: str = ""


def compose(event: Mapping[str, Any], label: str) -> Notification:
    """Compose the mail for the outcome the state machine reports.

    `label` names the installation (prefix and environment) in the subject.
    """
    composer: Callable[[Mapping[str, Any]], tuple[str, list[str], str, str]] = _COMPOSERS[event["outcome"]]
    title, body, error, cause = composer(event)
    lines = [*body, "", *_footer(event)]
    return Notification(subject(label, title), _shorten("\n".join(lines)), error, cause[:CAUSE_MAX_LENGTH])


def compose_stopped(detail: Mapping[str, Any], label: str) -> Notification | None:
    """Compose the mail for an execution that ended without a word of its own; None when it has sent its mail.

    `detail` is that of EventBridge's "Step Functions Execution Status Change".
    """
    if detail.get("error") in REPORTED_ERRORS:
        return None
    lines = [
        f"The workflow ended with the status {detail['status']}, before it could report.",
        "",
        f"Error: {detail.get('error') or 'none given'}",
        f"Cause: {detail.get('cause') or 'none given'}",
        f"What to do: {UPLOAD_AGAIN}",
        "",
        *_execution_lines(detail["executionArn"]),
    ]
    return Notification(
        subject(label, f"Deployment {detail['status'].lower().replace('_', ' ')}"), _shorten("\n".join(lines))
    )


def _compose_start(event: Mapping[str, Any]) -> tuple[str, list[str], str, str]:
    group = event["dataset_group"]
    body = [
        f"A run for {group} has started. It imports and trains what has changed, which takes hours where there is much "
        "of it. Another run of the same dataset group is finished first.",
        "You get another mail when it has ended.",
        *_finding_lines("Warnings about the parameter file and the data:", event["findings"]),
        *_sampled_lines(event["sampled"]),
    ]
    return f"Deployment of {group} has started", body, "", ""


def _compose_success(event: Mapping[str, Any]) -> tuple[str, list[str], str, str]:
    group, made = event["dataset_group"], event["made"]
    body = [
        f"The recommendations of {group} are ready.",
        "",
        *(f"Campaign {entry['name']}: {entry['arn']}" for entry in _of_kind(made, "campaign")),
        *(f"Recommender {entry['name']}: {entry['arn']}" for entry in _of_kind(made, "recommender")),
        *(
            f"Event tracker {entry['name']}: tracking id {entry['tracking_id']}"
            for entry in _of_kind(made, "event-tracker")
        ),
        *(f"Filter {entry['name']}: {entry['arn']}" for entry in _of_kind(made, "filter")),
        *(f"Batch job {entry['name']}: {entry['arn']}" for entry in _of_kind(made, "batch")),
        *(f"Schedule for {work}: {expression}" for work, expression in event["schedules"].items()),
        *(["", "Worth knowing:", *(f"  - {text}" for text in event["warnings"])] if event["warnings"] else []),
        *_finding_lines("Warnings about the parameter file and the data:", event["findings"]),
        *_sampled_lines(event["sampled"]),
    ]
    return f"Recommendations of {group} are ready", body, "", ""


def _compose_superseded(event: Mapping[str, Any]) -> tuple[str, list[str], str, str]:
    group = event["dataset_group"]
    body = [
        f"This run for {group} changed nothing: while it waited for another one, a newer parameter file was uploaded, "
        "whose own run follows.",
    ]
    return f"Run for {group} left to a newer upload", body, "", ""


def _of_kind(made: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    """What was made of a kind: keys begin with it."""
    return (entry for key, entry in made.items() if key.partition(":")[0] == kind and entry["arn"])


def _compose_refusal(event: Mapping[str, Any]) -> tuple[str, list[str], str, str]:
    errors = [found for found in event["findings"] if found["severity"] == "error"]
    warnings = [found for found in event["findings"] if found["severity"] != "error"]
    count = f"{len(errors)} mistake" + ("" if len(errors) == 1 else "s")
    body = [
        f"The parameter file or its data has {count}. Nothing was created or changed.",
        *_finding_lines("To correct:", errors),
        *_finding_lines("Warnings:", warnings),
        *_sampled_lines(event["sampled"]),
        "",
        "Correct what is listed, and upload the parameter file again, last.",
    ]
    cause = "\n".join(f"{found['path'] or 'the file'}: {found['message']}" for found in errors)
    return f"Parameter file refused: {count}", body, PARAMETERS_REFUSED, cause


def _compose_failure(event: Mapping[str, Any]) -> tuple[str, list[str], str, str]:
    failures = [failure_lines(failure) for failure in event["failures"]]
    body = ["The workflow failed. What was made before the failure stays, and is used by the next upload."]
    for lines in failures:
        body += ["", *lines]
    cause = "\n\n".join("\n".join(lines) for lines in failures)
    return f"Deployment failed at {event['failures'][0]['state']}", body, DEPLOYMENT_FAILED, cause


_COMPOSERS = {
    "STARTED": _compose_start,
    "SUCCEEDED": _compose_success,
    "SUPERSEDED": _compose_superseded,
    "REFUSED": _compose_refusal,
    "FAILED": _compose_failure,
    **COMPOSERS,
}


def _finding_lines(title: str, findings: Sequence[Mapping[str, Any]]) -> list[str]:
    if not findings:
        return []
    return ["", title, *(f"  - {found['path'] or 'the file'}: {found['message']}" for found in findings)]


def _sampled_lines(sampled: Sequence[str]) -> list[str]:
    return ["", "What was checked:", *(f"  - {line}" for line in sampled)] if sampled else []


def _footer(event: Mapping[str, Any]) -> Iterable[str]:
    if uploaded := event.get("object"):
        yield f"Parameter file: s3://{uploaded['bucket']}/{uploaded['key']}"
        if uploaded.get("version_id"):
            yield f"Version of the file: {uploaded['version_id']}"
    yield f"Started: {event['execution']['StartTime']}"
    yield from _execution_lines(event["execution"]["Id"])


def _execution_lines(execution_arn: str) -> list[str]:
    _, partition, _, region, *_ = execution_arn.split(":")
    console = _CONSOLES.get(partition, _CONSOLES["aws"]).format(region=region)
    return [
        f"Execution: {execution_arn}",
        f"Console: https://{console}/states/home?region={region}#/v2/executions/details/{execution_arn}",
    ]


def subject(label: str, title: str) -> str:
    """SNS takes at most 100 printable ASCII characters."""
    text = f"[{label}] {title}".encode("ascii", "replace").decode()
    return text if len(text) <= SUBJECT_MAX_LENGTH else f"{text[: SUBJECT_MAX_LENGTH - 3]}..."


def _shorten(message: str) -> str:
    data = message.encode()
    if len(data) <= MESSAGE_MAX_BYTES:
        return message
    return data[:MESSAGE_MAX_BYTES].decode(errors="ignore") + "\n… (shortened; the execution has all of it)"

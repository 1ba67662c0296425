"""The Personalize in memory with what releases and teardowns need: metrics, deletions by AWS's rules, stopping.

A deleted resource still shows ACTIVE once, then DELETE IN_PROGRESS once, then it is gone. What is changing, or what
something else needs, is not deleted.

Source: contract §2.1, §2.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_personalize import FakePersonalize, _member, client_error

_BUSY = (" PENDING", " IN_PROGRESS", " STOPPING")


class DeletablePersonalize(FakePersonalize):
    """What a boto3 client of Personalize offers a release and a teardown."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.metrics: dict[str, dict[str, float]] = {}
        self.deleted: list[str] = []
        self.campaign_quota = 100
        self._leaving: dict[str, Iterator[str]] = {}

    def version(self, solution_arn: str, name: str, **metrics: float) -> str:
        """Train a version at once; give its ARN."""
        arn = self.create_solution_version(solutionArn=solution_arn, name=name, trainingMode="FULL")[
            "solutionVersionArn"
        ]
        self.finish()
        self.resources[arn]["recipeArn"] = self.resources[solution_arn]["recipeArn"]
        self.metrics[arn] = metrics
        return arn

    def _create(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        campaigns = [arn for arn in self.resources if ":campaign/" in arn]
        if noun == "campaign" and self._arn(noun, arguments) not in campaigns and len(campaigns) >= self.campaign_quota:
            text = f"Cannot create a campaign. More than {self.campaign_quota} resources in ACTIVE state."
            raise client_error("LimitExceededException", text)
        return super()._create(noun, arguments)

    def _get(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(arguments["solutionVersionArn"])
        if arn not in self.metrics:
            return super()._get(noun, arguments)
        return {"solutionVersionArn": arn, "metrics": dict(self.metrics[arn])}

    def _stop(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(arguments["solutionVersionArn"])
        self._steps[arn] = iter(("CREATE STOPPED",))
        self.resources[arn]["status"] = "CREATE STOPPING"
        return {}

    def _delete(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = self._existing(arguments[f"{_member(noun)}Arn"])
        status = self.resources[arn].get("status", "ACTIVE")
        blockers = sorted(self._blockers(noun, arn))
        if status.endswith(_BUSY) or blockers:
            raise client_error("ResourceInUseException", f"{arn} is {status}, and is needed by {blockers}.")
        if noun == "schema":
            self._forget(arn)
        elif arn not in self._leaving:
            self._leaving[arn] = iter(("ACTIVE", "DELETE IN_PROGRESS"))
        return {}

    def _describe(self, noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arn = arguments[f"{_member(noun)}Arn"]
        if arn in self._leaving:
            status = next(self._leaving[arn], None)
            if status is None:
                self._forget(arn)
            else:
                self.resources[arn]["status"] = status
        return super()._describe(noun, arguments)

    def _forget(self, arn: str) -> None:
        self._leaving.pop(arn, None)
        for each in [each for each in self.resources if each == arn or each.startswith(f"{arn}/")]:
            del self.resources[each]
        self.deleted.append(arn)

    def _blockers(self, noun: str, arn: str) -> Iterator[str]:
        group = self.resources[arn].get("datasetGroupArn")
        for other, members in self.resources.items():
            if other == arn:
                continue
            kind = other.split(":")[5].split("/")[0]
            version = members.get("solutionVersionArn", "")
            needs = {
                "schema": members.get("schemaArn") == arn and kind == "dataset",
                "dataset_group": members.get("datasetGroupArn") == arn,
                "solution": kind == "campaign" and version.startswith(f"{arn}/"),
                "dataset": members.get("datasetGroupArn") == group and kind in ("filter", "event-tracker"),
            }
            training = other.startswith(f"{arn}/") and members.get("status", "").endswith(_BUSY)
            if needs.get(noun) or (noun == "solution" and training):
                yield other

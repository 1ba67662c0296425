"""Can a run carry what follows from a parameter file? It is planned for that, as the workflow plans it later; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.planning import Run, plan_resources, size_problem

from personalize_spec.arns import Scope
from personalize_spec.parameters import DATASET_TYPE_OF, Finding

_LONGEST = Scope("ap-southeast-99", "0" * 12, "aws-us-gov")  # names of regions and the like count too
_ROLE = f"arn:aws-us-gov:iam::{'0' * 12}:role/{'r' * 64}"


def check_plan_size(parameters: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield an error for a file without mistakes whose plan is too large."""
    run = Run(scope=_LONGEST, bucket="b" * 63, role_arn=_ROLE, files=dict.fromkeys(DATASET_TYPE_OF, "0" * 8))
    if problem := size_problem(plan_resources(parameters, run)):
        yield Finding("", problem)

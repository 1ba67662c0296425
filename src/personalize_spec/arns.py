"""Amazon resource names of Personalize: built from names, taken apart again.

Source: contract §1.6. A dataset's ARN holds its group's name and its type, not the dataset's own name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import ARN_MAX_LENGTH

LATEST = "$LATEST"
_ARN = re.compile(r"arn:([a-z\d-]+):personalize:([^:]*):([^:]*):([^/:]+)/(.+)", re.DOTALL)


@dataclass(frozen=True)
class Scope:
    """Where resources live: an account in a region."""

    region: str
    account_id: str
    partition: str = "aws"

    def arn(self, kind: str, name: str) -> str:
        """Build the ARN of a resource, such as kind "campaign", name "front-page"."""
        return f"arn:{self.partition}:personalize:{self.region}:{self.account_id}:{kind}/{name}"

    def dataset_arn(self, group_name: str, dataset_type: str) -> str:
        """Build a dataset's ARN from its group's name and its type, in any letter case."""
        return self.arn("dataset", f"{group_name}/{dataset_type.upper()}")

    def solution_version_arn(self, solution_name: str, version_id: str) -> str:
        """Build a solution version's ARN."""
        return self.arn("solution", f"{solution_name}/{version_id}")


@dataclass(frozen=True)
class Arn:
    """The parts of an ARN: `kind` is the word before the first slash, `path` all after it."""

    partition: str
    region: str
    account_id: str
    kind: str
    path: str

    @property
    def scope(self) -> Scope:
        """The account and region of the resource; both empty for recipes and algorithms."""
        return Scope(self.region, self.account_id, self.partition)

    @property
    def name(self) -> str:
        """The first segment of the path: the resource's name, for a solution version its solution's."""
        return self.path.split("/", 1)[0]

    def __str__(self) -> str:
        return self.scope.arn(self.kind, self.path)


def global_arn(kind: str, name: str) -> str:
    """Build the ARN of a recipe, algorithm or feature transformation: no region, no account."""
    return Scope("", "").arn(kind, name)


def parse_arn(text: str) -> Arn:
    """Take an ARN apart.

    Errors: InvalidInputException when the text is not an ARN of Personalize.
    """
    match = _ARN.fullmatch(text) if len(text) <= ARN_MAX_LENGTH else None
    if match is None:
        raise InvalidInputException(
            f"'{text[:ARN_MAX_LENGTH]}' is not an ARN of Amazon Personalize: it should look like "
            "arn:aws:personalize:<region>:<account id>:<resource type>/<name>."
        )
    return Arn(*match.groups())


def split_dataset_arn(text: str) -> tuple[str, str]:
    """Give the dataset group's name and the upper-case dataset type of a dataset ARN.

    Errors: InvalidInputException when the ARN is not a dataset's.
    """
    arn = parse_arn(text)
    group_name, _, dataset_type = arn.path.partition("/")
    if arn.kind != "dataset" or not group_name or not dataset_type or "/" in dataset_type:
        raise InvalidInputException(
            f"'{text}' is not a dataset ARN: it should end in dataset/<dataset group name>/<DATASET TYPE>."
        )
    return group_name, dataset_type.upper()


def solution_arn_of(solution_version_arn: str) -> str:
    """Give the solution's ARN of a solution version's, also of one that ends in `/$LATEST`.

    Errors: InvalidInputException when the ARN is not a solution version's.
    """
    arn = parse_arn(solution_version_arn)
    solution_name, _, version_id = arn.path.partition("/")
    if arn.kind != "solution" or not solution_name or not version_id or "/" in version_id:
        raise InvalidInputException(
            f"'{solution_version_arn}' is not a solution version ARN: it should end in "
            "solution/<solution name>/<version id>."
        )
    return arn.scope.arn("solution", solution_name)


def is_latest(solution_version_arn: str) -> bool:
    """Tell whether the ARN points at a solution's newest version (`…/$LATEST`)."""
    return solution_version_arn.endswith(f"/{LATEST}")

"""What the resources of a parameter file are called on Personalize.

Names are unique in an account and region, so all but the dataset group's, the datasets' and the schemas' start with the
dataset group's name, or with `namePrefix` where the file gives one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalize_spec.limits import NAME_MAX_LENGTH

_FINGERPRINT_LENGTH = 8
SLOT_SUFFIX = "-b"
SCHEMA_NAME_ROOM = NAME_MAX_LENGTH - _FINGERPRINT_LENGTH - 1


@dataclass(frozen=True)
class ResourceNames:
    """The names of one dataset group's resources; `prefix` is what all other names start with."""

    group: str
    prefix: str | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> ResourceNames:
        """Give the names of a good parameter file's resources."""
        return cls(data["datasetGroup"]["name"], data.get("namePrefix"))

    @property
    def dataset_group(self) -> str:
        """The dataset group itself: as in the file."""
        return self.group

    def solution(self, name: str) -> str:
        """The full name of a solution."""
        return self.prefixed(name)

    def campaign(self, name: str) -> str:
        """The full name of a campaign."""
        return self.prefixed(name)

    def recommender(self, name: str) -> str:
        """The full name of a recommender."""
        return self.prefixed(name)

    def filter(self, name: str) -> str:
        """The full name of a filter."""
        return self.prefixed(name)

    def event_tracker(self, name: str) -> str:
        """The full name of the event tracker."""
        return self.prefixed(name)

    def prefixed(self, name: str) -> str:
        """The full name of any resource that has a prefix."""
        return f"{f'{self.group}-' if self.prefix is None else self.prefix}{name}"


def second_slot(campaign: str) -> str:
    """Name the other campaign beside a campaign, where its next version is released: both take turns."""
    return f"{campaign[: NAME_MAX_LENGTH - len(SLOT_SUFFIX)]}{SLOT_SUFFIX}"


def schema_name(dataset: Mapping[str, Any]) -> str:
    """Give the name on Personalize of a dataset's schema, as the file declares the dataset."""
    return dataset.get("schemaName") or dataset["schema"]["name"]


def canonical_schema(schema: Mapping[str, object]) -> str:
    """Write a schema so that equal contents give equal texts: keys sorted, no spaces."""
    return json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def schema_variant_name(schema: Mapping[str, object]) -> str:
    """Name a schema whose own name is taken by other content: the same content always gets the same name."""
    fingerprint = hashlib.sha256(canonical_schema(schema).encode()).hexdigest()[:_FINGERPRINT_LENGTH]
    return f"{schema['name']}-{fingerprint}"

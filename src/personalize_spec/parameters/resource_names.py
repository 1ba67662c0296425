"""What the resources of a parameter file are called on Personalize.

Names are unique in an account and region, so all but the dataset group's, the datasets' and the schemas' start with the
dataset group's name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from personalize_spec.limits import NAME_MAX_LENGTH

_FINGERPRINT_LENGTH = 8
SCHEMA_NAME_ROOM = NAME_MAX_LENGTH - _FINGERPRINT_LENGTH - 1


@dataclass(frozen=True)
class ResourceNames:
    """The names of one dataset group's resources."""

    group: str

    @property
    def dataset_group(self) -> str:
        """The dataset group itself: as in the file."""
        return self.group

    def solution(self, name: str) -> str:
        """The full name of a solution."""
        return self._prefixed(name)

    def campaign(self, name: str) -> str:
        """The full name of a campaign."""
        return self._prefixed(name)

    def filter(self, name: str) -> str:
        """The full name of a filter."""
        return self._prefixed(name)

    def event_tracker(self, name: str) -> str:
        """The full name of the event tracker."""
        return self._prefixed(name)

    def _prefixed(self, name: str) -> str:
        return f"{self.group}-{name}"


def canonical_schema(schema: Mapping[str, object]) -> str:
    """Write a schema so that equal contents give equal texts: keys sorted, no spaces."""
    return json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def schema_variant_name(schema: Mapping[str, object]) -> str:
    """Name a schema whose own name is taken by other content: the same content always gets the same name."""
    fingerprint = hashlib.sha256(canonical_schema(schema).encode()).hexdigest()[:_FINGERPRINT_LENGTH]
    return f"{schema['name']}-{fingerprint}"

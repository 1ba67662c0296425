"""What a plan depends on besides the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from personalize_spec.arns import Scope
from pipeline.wanted import digest


@dataclass(frozen=True)
class Run:
    """Where a run works, and what it is asked to do.

    `work` is None for an upload, which makes everything as the file wants it; a schedule asks for kinds of work
    ("import", "train", "batch") at a time, `requested_at`. `files` has a fingerprint of the files in each folder of
    the bucket that has any, and of each batch job's input, by their keys.
    """

    scope: Scope
    bucket: str
    role_arn: str
    files: Mapping[str, str] = field(default_factory=dict)
    work: tuple[str, ...] | None = None
    requested_at: str = ""

    def does(self, work: str) -> bool:
        """Tell whether a kind of work belongs to the run."""
        return self.work is None or work in self.work

    def request(self, work: str) -> str | None:
        """Name the request of a schedule for a kind of work; None where an upload asks."""
        return digest([self.requested_at]) if self.work is not None and work in self.work else None

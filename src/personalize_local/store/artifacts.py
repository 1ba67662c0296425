"""The folders of trained solution versions: written aside, then put in place at once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from personalize_spec.arns import parse_arn


class ArtifactStore:
    """One folder per solution version, below `root`: region, account, solution, version."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, solution_version_arn: str) -> Path:
        """Give where the artifact of a solution version lies, published or not."""
        arn = parse_arn(solution_version_arn)
        return self.root.joinpath(arn.region, arn.account_id, *arn.path.split("/"))

    def stage(self, solution_version_arn: str) -> Path:
        """Give an empty folder to write the artifact into."""
        staged = self._staged(solution_version_arn)
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        return staged

    def publish(self, solution_version_arn: str) -> Path:
        """Put the staged artifact in place, on the disk before it has its name; give its folder."""
        staged, folder = self._staged(solution_version_arn), self.folder(solution_version_arn)
        for path in sorted(staged.rglob("*")):
            _sync(path)
        _sync(staged)
        shutil.rmtree(folder, ignore_errors=True)
        staged.rename(folder)
        _sync(folder.parent)
        return folder

    def remove(self, solution_version_arn: str) -> None:
        """Delete a solution version's artifact, staged or published."""
        shutil.rmtree(self._staged(solution_version_arn), ignore_errors=True)
        shutil.rmtree(self.folder(solution_version_arn), ignore_errors=True)

    def _staged(self, solution_version_arn: str) -> Path:
        folder = self.folder(solution_version_arn)
        return folder.with_name(f".{folder.name}.staged")


def _sync(path: Path) -> None:
    """Have the disk hold a file's content, or a folder's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

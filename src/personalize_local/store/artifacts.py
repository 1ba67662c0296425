"""The folders of trained models: written aside, then put in place at once.

A model is named by an ARN: a solution version's own; a recommender's with the id of the training behind it, for a
recommender keeps its ARN when it is trained again. Removing a recommender's ARN removes all of its models.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from personalize_spec.arns import parse_arn

SOLUTION = "solution"


class ArtifactStore:
    """One folder per model, below `root`: region, account, solution, version; or .recommender, name, training."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, model_arn: str) -> Path:
        """Give where a model lies, published or not."""
        arn = parse_arn(model_arn)
        kind = () if arn.kind == SOLUTION else (f".{arn.kind}",)  # no resource's name begins with a dot
        return self.root.joinpath(arn.region, arn.account_id, *kind, *arn.path.split("/"))

    def stage(self, model_arn: str) -> Path:
        """Give an empty folder to write the artifact into."""
        staged = self._staged(model_arn)
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        return staged

    def publish(self, model_arn: str) -> Path:
        """Put the staged artifact in place, on the disk before it has its name; give its folder."""
        staged, folder = self._staged(model_arn), self.folder(model_arn)
        for path in sorted(staged.rglob("*")):
            _sync(path)
        _sync(staged)
        shutil.rmtree(folder, ignore_errors=True)
        staged.rename(folder)
        _sync(folder.parent)
        return folder

    def remove(self, model_arn: str) -> None:
        """Delete a model, staged or published."""
        shutil.rmtree(self._staged(model_arn), ignore_errors=True)
        shutil.rmtree(self.folder(model_arn), ignore_errors=True)

    def remove_others(self, parent_arn: str, kept: str | None) -> None:
        """Delete what lies in the folder of an ARN, but for the model of the id `kept`."""
        folder = self.folder(parent_arn)
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name != kept:
                shutil.rmtree(path, ignore_errors=True)

    def _staged(self, model_arn: str) -> Path:
        folder = self.folder(model_arn)
        return folder.with_name(f".{folder.name}.staged")


def _sync(path: Path) -> None:
    """Have the disk hold a file's content, or a folder's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

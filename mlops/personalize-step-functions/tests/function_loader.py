"""Load the functions as Lambda does, and plan a parameter file with them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from pipeline.planning import Run, plan_resources

from personalize_spec.arns import Scope

PROJECT = Path(__file__).parents[1]


def load_function(folder: str) -> SimpleNamespace:
    """Import a function's modules by their bare names, as Lambda does, and leave no trace of them for the others."""
    path = PROJECT / "functions" / folder
    names = [file.stem for file in path.glob("*.py")]
    others = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(path))
    try:
        modules: dict[str, ModuleType] = {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(path))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(others)
    return SimpleNamespace(**modules)


def make_plan(parameters: dict[str, Any], **run: Any) -> dict[str, Any]:
    """Plan a parameter file for an upload in us-east-1, with files for every dataset."""
    scope = Scope("us-east-1", "123456789012")
    files = {key: f"files of {key}" for key in parameters["datasets"]}
    role_arn = "arn:aws:iam::123456789012:role/personalize"
    return plan_resources(parameters, Run(scope, "input-bucket", role_arn, **{"files": files, **run}))


def planned(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The definitions of a plan by their keys."""
    chains = (chain for chains in plan["chains"].values() for chain in chains)
    return {step["key"]: step for chain in chains for step in chain["steps"]}

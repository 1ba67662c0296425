"""Load the functions as Lambda does, and plan a parameter file with them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

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


def make_plan(parameters: dict[str, Any], execution_name: str = "20260504T090000-0123456789ab") -> dict[str, Any]:
    """Plan a parameter file for an execution in us-east-1."""
    module = load_function("plan_resources").plan
    scope = Scope("us-east-1", "123456789012")
    role_arn = "arn:aws:iam::123456789012:role/personalize"
    return module.plan_resources(parameters, module.Run(scope, "input-bucket", execution_name, role_arn))

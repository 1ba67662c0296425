"""The faithfulness page speaks of every operation, and explains every approximation."""

from __future__ import annotations

import re
from pathlib import Path

import botocore.loaders
import botocore.model

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faithfulness.md"
ROW = re.compile(r"^\| ([A-Z]\w+(?:, \w+)*) \| (exact|approximated \(\d+\)) \|$", re.MULTILINE)


def states() -> dict[str, str]:
    """Read the page's table: operation → state."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {operation: state for names, state in rows for operation in names.split(", ")}


def test_every_operation_of_the_three_apis_is_listed() -> None:
    loader = botocore.loaders.Loader()
    operations = {
        operation
        for service in ("personalize", "personalize-runtime", "personalize-events")
        for operation in botocore.model.ServiceModel(loader.load_service_model(service, "service-2")).operation_names
    }
    assert set(states()) == operations


def test_every_approximation_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    numbers = {state.split("(")[1].rstrip(")") for state in states().values() if "(" in state}
    assert numbers and all(re.search(rf"^{number}\. ", text, re.MULTILINE) for number in numbers)

"""The files in tests/broken: each is refused before anything is created, with what to change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from personalize_local.cli import main
from personalize_spec.parameters import DATASET_TYPE_OF, Finding, check_parameters, has_errors
from personalize_spec.preflight import DataFile, check_data, parse_parameter_file
from tests.csv_files import NOW_EPOCH_S, data_file

BROKEN = Path(__file__).parents[1] / "broken"
GOOD = BROKEN / "good"
FOLDERS = sorted(path.parent for path in BROKEN.glob("*/expected.json"))


@dataclass(frozen=True)
class Case:
    """A folder of tests/broken, with what it lacks taken from the good one."""

    folder: Path

    @property
    def parameters(self) -> Path:
        own = self.folder / "params.json"
        return own if own.exists() else GOOD / "params.json"

    @property
    def data(self) -> dict[str, Path]:
        """The folders of data, by dataset; a file with keys of its own has no data."""
        if "$schema" in self.parameters.read_text():
            return {}
        folders = {key: self.folder / key if (self.folder / key).is_dir() else GOOD / key for key in DATASET_TYPE_OF}
        return {key: folder for key, folder in folders.items() if folder.is_dir()}

    @property
    def files(self) -> dict[str, list[DataFile]]:
        return {
            key: [data_file(f"{key}/{path.name}", path.read_bytes()) for path in sorted(folder.glob("*.csv"))]
            for key, folder in self.data.items()
        }

    @property
    def expected(self) -> dict[str, str]:
        return json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))

    def findings(self) -> list[Finding]:
        """All findings, as the pipeline and the command line find them."""
        data, findings = parse_parameter_file(self.parameters.read_bytes())
        findings = [*findings, *check_parameters(data)]
        return [*findings, *check_data(data, self.files, NOW_EPOCH_S).findings] if self.data else findings


def test_there_are_many() -> None:
    assert len(FOLDERS) > 60


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_broken_is_refused_with_what_to_change(folder: Path) -> None:
    case = Case(folder)
    findings = case.findings()

    assert has_errors(findings)
    texts = [each.message for each in findings if each.path == case.expected["path"] and each.severity == "error"]
    assert any(case.expected["words"] in text for text in texts), findings


def test_nothing_broken_is_good() -> None:
    assert Case(GOOD).findings() == []


def test_the_good_file_is_the_newspapers() -> None:
    newspaper = json.loads((BROKEN.parents[1] / "mlops" / "params.json").read_text())
    assert json.loads((GOOD / "params.json").read_text()) == newspaper


SHOWN = ("milliseconds", "one-column", "an-unknown-recipe", "no-files", "a-cron-of-five-fields", "a-name-with-a-space")


@pytest.mark.parametrize("name", SHOWN)
def test_the_command_refuses_it_too(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    case = Case(BROKEN / name)
    assert main(["check", str(case.parameters), *map(str, case.data.values()), "--json"]) == 1
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert any(
        finding["path"] == case.expected["path"] and case.expected["words"] in finding["message"]
        for finding in printed["findings"]
    )


def test_everything_broken_is_found_at_once() -> None:
    broken = [Case(BROKEN / name) for name in ("no-campaign", "an-unknown-recipe", "milliseconds", "words-in-a-number")]
    parameters = json.loads((GOOD / "params.json").read_text())
    del parameters["campaigns"]["similarItemsCampaign"]
    parameters["solutions"]["userPersonalization"]["recipeArn"] = "arn:aws:personalize:::recipe/none"
    files = {"Interactions": broken[2].files["Interactions"], "Items": broken[3].files["Items"]}

    findings = [*check_parameters(parameters), *check_data(parameters, files, NOW_EPOCH_S).findings]

    assert {finding.path for finding in findings} >= {case.expected["path"] for case in broken}

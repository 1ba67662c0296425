"""Broken parameter files and data sets: each is refused before anything is created, with what to change.

A row: what is broken, how (a change of the parameters or of the files), where the finding points, words of its text.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.parameters import Finding, check_parameters, has_errors
from personalize_spec.preflight import DataFile, check_data, parse_parameter_file
from tests.csv_files import NOW_EPOCH_S, Rows, csv_text, data_file, good_files, good_rows

GOOD = json.loads((Path(__file__).parents[2] / "mlops" / "params.json").read_text())
Files = dict[str, list[DataFile]]
Break = Callable[[dict[str, Any], Files], None]


def refuse(body: bytes, files: Files) -> list[Finding]:
    """All findings, as the pipeline and the command line find them."""
    data, findings = parse_parameter_file(body)
    return [*findings, *check_parameters(data), *check_data(data, files, NOW_EPOCH_S).findings]


def put(path: str, value: Any) -> Break:
    """Set a key of the parameter file."""

    def change(parameters: dict[str, Any], files: Files) -> None:
        *steps, last = path.split(".")
        place: Any = parameters
        for step in steps:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value

    return change


def cut(path: str) -> Break:
    """Remove a key of the parameter file."""

    def change(parameters: dict[str, Any], files: Files) -> None:
        *steps, last = path.split(".")
        place: Any = parameters
        for step in steps:
            place = place[int(step)] if step.isdigit() else place[step]
        del place[last]

    return change


def rewrite(dataset: str, change_rows: Callable[[Rows], Any]) -> Break:
    """Change the rows of a dataset; what is returned, if anything, is its file's text instead."""

    def change(parameters: dict[str, Any], files: Files) -> None:
        rows = good_rows(parameters, dataset)
        text = change_rows(rows)
        files[dataset] = [data_file(f"{dataset}/1.csv", csv_text(rows) if text is None else text)]

    return change


def each(column: str, value: Callable[[str], str]) -> Callable[[Rows], None]:
    """Change one column of every row."""

    def change(rows: Rows) -> None:
        for row in rows:
            row[column] = value(row[column])

    return change


def take_out(rows: Rows, column: str) -> None:
    for row in rows:
        del row[column]


FOR_YOU = "solutions.userPersonalization"
CAMPAIGN = "campaigns.userPersonalizationCampaign"
FILTER = "filters.0.filterExpression"
FIELDS = "datasets.Items.schema.fields"
ROWS, ITEM_ROWS = "datasets.Interactions", "datasets.Items"
BAD = [
    # the parameter file
    ("no dataset group", cut("datasetGroup"), "datasetGroup", "is missing: add the dataset group"),
    ("no interactions", cut("datasets.Interactions"), "datasets.Interactions", "add the Interactions dataset"),
    ("an empty name", put("datasetGroup.name", ""), "datasetGroup.name", "name is empty: give it 1 to 63"),
    ("a name with a space", put("eventTracker.name", "my events"), "eventTracker.name", "use letters, digits"),
    ("a name too long with its prefix", put(f"{CAMPAIGN}.name", "c" * 60), f"{CAMPAIGN}.name", "shorten it"),
    ("one name twice", put("filters.1.name", "category"), "filters[1].name", "is the name at filters[0].name already"),
    ("an unknown recipe", put(f"{FOR_YOU}.recipeArn", "arn:aws:personalize:::recipe/aws-user-personalizaton"),
     f"{FOR_YOU}.recipeArn", "Did you mean"),
    ("a closed recipe's option", put(f"{FOR_YOU}.performAutoML", True), f"{FOR_YOU}.performAutoML", "name a recipe"),
    ("no campaign", cut("campaigns.similarItemsCampaign"), "campaigns.similarItemsCampaign", "add campaigns."),
    ("requests per second as text", put(f"{CAMPAIGN}.minProvisionedTPS", "1"), f"{CAMPAIGN}.minProvisionedTPS",
     "write it without quotes"),
    ("no requests per second", put(f"{CAMPAIGN}.minProvisionedTPS", 0), f"{CAMPAIGN}.minProvisionedTPS", "at least 1"),
    ("a hyperparameter out of range", put(f"{FOR_YOU}.solutionConfig.algorithmHyperParameters.bptt", "300"),
     f"{FOR_YOU}.solutionConfig.algorithmHyperParameters.bptt", "from 2 to 32"),
    ("exploration of 30 %", put(f"{CAMPAIGN}.campaignConfig.itemExplorationConfig.explorationWeight", "30"),
     f"{CAMPAIGN}.campaignConfig.itemExplorationConfig.explorationWeight", "at most 1"),
    ("a filter on a missing field", put(FILTER, "INCLUDE ItemID WHERE Items.GENRE IN ($category)"),
     "filters[0].filterExpression", "GENRE"),
    ("a filter cut short", put(FILTER, "INCLUDE ItemID WHERE Items.Category IN ("), "filters[0].filterExpression",
     "a value should stand here"),
    ("a value nobody gives", put("filters.0.filter_values", []), "filters[0].filter_values", 'add "category"'),
    ("an Avro type of another world", put(f"{FIELDS}.1.type", "bigint"), f"{FIELDS}[1].type", "bigint"),
    ("a schema without its id", put(f"{FIELDS}.0.name", "ID"), FIELDS, "ITEM_ID"),
    ("a training mode of another world", put("userPersonalizationUpdates.trainingMode", "PARTIAL"),
     "userPersonalizationUpdates.trainingMode", "FULL, UPDATE"),
    # the files
    ("no files", lambda parameters, files: files.clear(), ROWS, "There is no data under Interactions/"),
    ("an empty file", rewrite("Items", lambda rows: ""), ITEM_ROWS, "There is no data under Items/"),
    ("no header", rewrite("Items", lambda rows: csv_text(rows).split("\n", 1)[1]), ITEM_ROWS, "Put this line first"),
    ("one column", rewrite("Items", lambda rows: csv_text(rows).replace(",", ";")), ITEM_ROWS, "by semicolons"),
    ("a column missing", rewrite("Items", lambda rows: take_out(rows, "Category")), ITEM_ROWS, "no column Category"),
    ("a column called otherwise", rewrite("Items", lambda rows: csv_text(rows).replace("Category", "Categories", 1)),
     ITEM_ROWS, "Did you mean 'Categories'"),
    ("a column twice", rewrite("Items", lambda rows: csv_text(rows).replace("WordCount", "Exclude", 1)), ITEM_ROWS,
     "names the column Exclude twice"),
    ("compressed", rewrite("Items", lambda rows: b"\x1f\x8b\x08\x00"), ITEM_ROWS, "is compressed (gzip): unpack it"),
    ("Parquet", rewrite("Items", lambda rows: b"PAR1\x15\x00"), ITEM_ROWS, "write it as CSV"),
    ("UTF-16", rewrite("Items", lambda rows: csv_text(rows).encode("utf-16")), ITEM_ROWS, "save it as UTF-8"),
    ("another code page", rewrite("Items", lambda rows: csv_text(rows).replace("a word", "caf\xe9").encode("latin-1")),
     ITEM_ROWS, "is not UTF-8 text"),
    ("milliseconds", rewrite("Interactions", each("TIMESTAMP", lambda text: f"{text}000")), ROWS, "divide it by 1,000"),
    ("times to come", rewrite("Interactions", each("TIMESTAMP", lambda text: str(int(text) + 10**8))), ROWS, "future"),
    ("dates as numbers", rewrite("Interactions", each("TIMESTAMP", lambda text: "20260504")), ROWS, "before 1990"),
    ("dates as text", rewrite("Interactions", each("TIMESTAMP", lambda text: "2026-05-04")), ROWS, "of type long"),
    ("no users", rewrite("Interactions", each("USER_ID", lambda text: "")), ROWS, "USER_ID is empty"),
    ("words in a number", rewrite("Items", each("WordCount", lambda text: "many")), ITEM_ROWS, "is not of type int"),
    ("very long values", rewrite("Items", each("Category", lambda text: "x" * 1001)), ITEM_ROWS, "shorten it"),
    ("commas without quotes", rewrite("Items", each("ContentText", lambda text: "a, b")), ITEM_ROWS, "has 7 values"),
    ("quotes that do not end", rewrite("Items", each("ContentText", lambda text: '"a')), ITEM_ROWS, "does not end"),
    ("too few rows", rewrite("Interactions", lambda rows: csv_text(rows[:900])), ROWS, "an import needs 1,000"),
    ("the same row again and again", rewrite("Interactions", lambda rows: csv_text(rows[:1] * 2000)), FOR_YOU,
     "training needs 1,000"),
    ("one user", rewrite("Interactions", each("USER_ID", lambda text: "u1")), FOR_YOU, "1 users with 2 or more"),
    ("an event that never happens", put(f"{FOR_YOU}.eventType", "click"), f"{FOR_YOU}.eventType", "page_view (1,040)"),
    ("items of another system", rewrite("Items", each("ITEM_ID", lambda text: f"x-{text}")), ROWS, "in the same way"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "path", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_broken_is_refused_with_what_to_change(damage: Break, path: str, words: str) -> None:
    parameters, files = copy.deepcopy(GOOD), good_files(GOOD)
    damage(parameters, files)

    findings = refuse(json.dumps(parameters).encode(), files)

    assert has_errors(findings)
    texts = [finding.message for finding in findings if finding.path == path and finding.severity == "error"]
    assert any(words in text for text in texts), findings


def test_nothing_broken_is_good() -> None:
    assert refuse(json.dumps(GOOD).encode(), good_files(GOOD)) == []


def test_everything_broken_is_found_at_once() -> None:
    parameters, files = copy.deepcopy(GOOD), good_files(GOOD)
    for name in ("no campaign", "milliseconds", "words in a number", "an unknown recipe"):
        next(row[1] for row in BAD if row[0] == name)(parameters, files)

    found = {finding.path for finding in refuse(json.dumps(parameters).encode(), files)}

    assert found >= {"campaigns.similarItemsCampaign", ROWS, ITEM_ROWS, f"{FOR_YOU}.recipeArn"}

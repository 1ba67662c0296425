"""The report of a bulk import: the same sums as of streamed events, from files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from personalize_local.jobs.attribution_import import report_import
from personalize_local.jobs.context import JobContext
from personalize_local.jobs.recommendation_ids import new_recommendation_id
from personalize_local.store.csv_import import convert_csv
from personalize_local.store.datasets import BulkFile
from personalize_spec.schemas import parse_schema
from tests.behaviours import APPROXIMATED, EXACT, behaviour

FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"},
    {"name": "EVENT_VALUE", "type": ["null", "float"]},
    {"name": "RECOMMENDATION_ID", "type": ["null", "string"]},
    {"name": "EVENT_ATTRIBUTION_SOURCE", "type": ["null", "string"]},
]
METRICS = [
    {"eventType": "VIEW", "metricName": "views", "expression": "SAMPLECOUNT()"},
    {"eventType": "buy", "metricName": "sales", "expression": "SUM(Items.PRICE)"},
    {"eventType": "buy", "metricName": "tips", "expression": "SUM(Interactions.event_value)"},
]


class Storage:
    """S3, which remembers what was put, or refuses it."""

    def __init__(self, *, is_down: bool = False) -> None:
        self.is_down = is_down
        self.texts: dict[str, str] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="http://localhost")
        self.texts[f"{Bucket}/{Key}"] = Body.decode()


class Import:
    """An import of interactions into a dataset group with a metric attribution, up to its converted files."""

    def __init__(self, world: Any, *, is_published: bool = True) -> None:
        self.world = world
        self.group = world.create_group()
        self.dataset = self._create("Interactions", FIELDS)
        items = self._create(
            "Items", [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": ["null", "float"]}]
        )
        world.events.put_items(datasetArn=items, items=[{"itemId": "i1", "properties": '{"price": 2.5}'}])
        output = {"roleArn": "arn:aws:iam::123456789012:role/r", "s3DataDestination": {"path": "s3://reports"}}
        world.personalize.create_metric_attribution(
            name="metrics", datasetGroupArn=self.group, metrics=METRICS, metricsOutputConfig=output
        )
        world.settle()
        arn = world.personalize.create_dataset_import_job(
            jobName="bulk",
            datasetArn=self.dataset,
            dataSource={"dataLocation": "s3://data/interactions.csv"},
            roleArn="arn:aws:iam::123456789012:role/r",
            publishAttributionMetricsToS3=is_published,
        )["datasetImportJobArn"]
        job = world.workspace.jobs.of_resource(arn)
        self.context = JobContext(world.workspace, job, job.payload, lambda _text, _fraction: None)

    def files(self, rows: str) -> list[BulkFile]:
        datasets = self.world.workspace.datasets
        folder = datasets.stage(self.dataset, "job")
        header = ",".join(field["name"] for field in FIELDS)
        (folder / "in.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
        converted = convert_csv(folder / "in.csv", folder / "0.parquet", _schema(FIELDS), datasets.spill_folder)
        return [BulkFile(folder / "0.parquet", converted.imported_count, converted.columns, 0)]

    def _create(self, dataset_type: str, fields: list[dict[str, Any]]) -> str:
        schema = self.world.personalize.create_schema(name=dataset_type, schema=_text(fields))["schemaArn"]
        arn = self.world.personalize.create_dataset(
            name=dataset_type, schemaArn=schema, datasetGroupArn=self.group, datasetType=dataset_type
        )["datasetArn"]
        self.world.settle()
        return arn


def _text(fields: list[dict[str, Any]]) -> str:
    return json.dumps({"type": "record", "name": "Data", "fields": fields, "version": "1.0"})


def _schema(fields: list[dict[str, Any]]) -> Any:
    return parse_schema(_text(fields))


def test_rows_count_for_their_source_in_windows_of_15_minutes(world):
    bulk = Import(world)
    campaign = world.create_campaign(world.add_version(world.create_solution(bulk.group), "one"), "front-page")
    by_campaign = new_recommendation_id(campaign)
    files = bulk.files(
        f"ann,i1,900,view,,{by_campaign},\n"
        f"ann,i1,1799,View,,{by_campaign},\n"
        f"ann,i1,1800,view,,{by_campaign},Newsletter\n"
        "bob,i1,1800,buy,1.5,RID-unknown,\n"
        "bob,i2,1801,buy,,,\n"
        "bob,i1,1802,share,,,\n"
    )
    storage = Storage()
    report_import(bulk.context, files, storage)
    ((place, text),) = storage.texts.items()
    assert place.startswith("reports/AggregatedAttributionMetrics - BULK - ")
    assert text.splitlines() == [
        "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP",
        "VIEWS,VIEW,2.0,SAMPLECOUNT,front-page,900",
        "VIEWS,VIEW,1.0,SAMPLECOUNT,Newsletter,1800",
        "SALES,BUY,2.5,SUM,SOURCE_NAME_UNDEFINED,1800",
        "TIPS,BUY,1.5,SUM,SOURCE_NAME_UNDEFINED,1800",
    ]


@behaviour(
    "CreateDatasetImportJob",
    "publishAttributionMetricsToS3 reports an import in S3",
    EXACT,
    source="documented, contract §3.12",
)
def test_only_an_import_that_asks_for_it_is_reported(world):
    bulk = Import(world, is_published=False)
    storage = Storage()
    report_import(bulk.context, bulk.files("ann,i1,900,view,,,\n"), storage)
    assert storage.texts == {}


@behaviour(
    "CreateDatasetImportJob",
    "An import whose report cannot be written is ACTIVE all the same",
    APPROXIMATED,
    source="inferred",
)
def test_an_import_does_not_fail_for_its_report(world, caplog):
    bulk = Import(world)
    report_import(bulk.context, bulk.files("ann,i1,900,view,,,\n"), Storage(is_down=True))
    assert "could not be written" in caplog.text


@pytest.mark.parametrize("count", [99, 100, 101])
def test_at_most_a_hundred_sources_count(world, count):
    bulk = Import(world)
    storage = Storage()
    report_import(
        bulk.context, bulk.files("".join(f"ann,i1,{900 * row},view,,,source {row}\n" for row in range(count))), storage
    )
    (text,) = storage.texts.values()
    assert len(text.splitlines()) - 1 == min(count, 100)
    assert ",source 0," in text

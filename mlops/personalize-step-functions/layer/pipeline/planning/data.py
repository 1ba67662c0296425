"""The dataset group, the schemas, the datasets and their imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.parameters import DATASET_TYPE_OF, canonical_schema, schema_name, schema_variant_name
from personalize_spec.parameters.reading import dataset_keys, import_mode
from pipeline.planning.definitions import GROUP, Chain, Definition, canonical, chain, define, fit, job_name
from pipeline.planning.run import Run
from pipeline.wanted import NEWEST, SAME

Parameters = Mapping[str, Any]

_HASH_LENGTH = 8


def plan_datasets(parameters: Parameters, run: Run) -> Iterator[Chain]:
    """Yield each dataset with what it needs and its import; whichever is first makes the dataset group.

    A dataset without a file in the bucket is left with the data it has. Where there is no dataset the group is all.
    """
    group = _group(parameters["datasetGroup"], run)
    keys = dataset_keys(parameters)
    if not keys:
        yield chain("dataset group", group)
    for key in keys:
        parts = (part(parameters, run, key) for part in (_schema, _dataset, _import_job))
        yield chain(key, group, *parts)


def import_key(dataset_key: str) -> str:
    """The key of a dataset's import job."""
    return f"import:{dataset_key}"


def _group(declared: Mapping[str, Any], run: Run) -> Definition:
    """A key is used through a role: the stack's own where the file names none."""
    role = {"roleArn": run.role_arn} if "kmsKeyArn" in declared else {}
    return define(run, GROUP, "dataset-group", declared["name"], {**role, **declared})


def _schema(parameters: Parameters, run: Run, key: str) -> Definition:
    declared = parameters["datasets"][key]
    group = parameters["datasetGroup"]
    arguments = {"schema": canonical_schema(declared["schema"])}
    arguments |= {"domain": group["domain"]} if "domain" in group else {}
    name = schema_name(declared)
    variant = schema_variant_name(declared["schema"])[-_HASH_LENGTH:]
    return {**define(run, f"schema:{key}", "schema", name, arguments), "successor": fit(name, variant)}


def _dataset(parameters: Parameters, run: Run, key: str) -> Definition:
    declared = parameters["datasets"][key]
    arguments = {"datasetType": DATASET_TYPE_OF[key]} | ({"tags": declared["tags"]} if "tags" in declared else {})
    references = {"datasetGroupArn": GROUP, "schemaArn": f"schema:{key}"}
    definition = define(run, f"dataset:{key}", "dataset", declared["name"], arguments, **references)
    group = parameters["datasetGroup"]["name"]
    return {**definition, "arn": run.scope.dataset_arn(group, DATASET_TYPE_OF[key])}


def _import_job(parameters: Parameters, run: Run, key: str) -> Definition:
    """Import the files of the folder where they, the schema or the mode have changed since the newest import."""
    mode, files = import_mode(parameters, key), run.files.get(key)
    arguments = {
        "dataSource": {"dataLocation": f"s3://{run.bucket}/{key}/"},
        "roleArn": run.role_arn,
        "importMode": mode,
    }
    name = job_name(f"{parameters['datasetGroup']['name']}-{key.lower()}")
    definition = define(run, import_key(key), "dataset-import-job", name, arguments, datasetArn=f"dataset:{key}")
    schema = canonical_schema(parameters["datasets"][key]["schema"])
    return {
        **definition,
        "content": canonical({"schema": schema, "mode": mode, "files": files}),
        "reuse": SAME if files and run.does("import") else NEWEST,
        "optional": not files,
    }

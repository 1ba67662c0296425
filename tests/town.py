"""A Personalize that has one of everything, with a trained model that answers; and copies of it for tests to spoil."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from personalize_local.jobs import solution_version
from personalize_local.jobs.context import JobContext
from personalize_local.store.csv_import import convert_csv
from personalize_local.store.datasets import FULL, BulkFile
from personalize_spec.schemas import parse_schema
from tests.conftest import ROLE, World

USERS = [f"u{number}" for number in range(60)]
ITEMS = [f"i{number}" for number in range(40)]
FIRST_S = 1_767_216_600  # some hours before the time where tests' clocks stand
CSV: Mapping[str, str] = {
    "Interactions": "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n"
    + "".join(
        f"{user},{ITEMS[(place * 7 + step * step) % 40]},{'click' if step % 3 else 'read'},{FIRST_S + 60 * step}\n"
        for place, user in enumerate(USERS)
        for step in range(20)
    ),
    "Items": "ITEM_ID,CATEGORY\n" + "".join(f"{item},{'news|world' if item < 'i2' else 'sport'}\n" for item in ITEMS),
    "Users": "USER_ID,MEMBERSHIP\n" + "".join(f"{user},{'gold' if user < 'u3' else ''}\n" for user in USERS),
}
RECIPES: Mapping[str, str] = {"front-page": "aws-user-personalization", "ranking": "aws-personalized-ranking"}
FILTERS: Mapping[str, str] = {
    "unread": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    "category": "INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY)",
}


class Town:
    """A world, and the ARNs of what is in it, by the members that name them.

    Another town has other data and recipes.
    """

    csv: Mapping[str, str] = CSV
    recipes: Mapping[str, str] = RECIPES

    def __init__(self, data_dir: Path) -> None:
        self.world = World(data_dir)
        self.arns: dict[str, str] = {}

    def found(self) -> Town:
        """Look up the ARNs in a copy."""
        resources = self.world.workspace.resources
        kinds = ("dataset-group", "dataset", "solution", "solution-version", "campaign", "filter", "event-tracker")
        for kind in (*kinds, "schema", "dataset-import-job"):
            member = f"{kind.replace('-', '_')}_arn"
            self.arns[member] = resources.list(kind)[0].arn
        self.tracking_id = resources.list("event-tracker")[0].body["tracking_id"]
        self.ranking_arn = resources.list("campaign")[1].arn
        self.dataset_arns = {item.body["dataset_type"]: item.arn for item in resources.list("dataset")}
        return self

    def build(self) -> None:
        """Create everything by the API; bulk data and the model without worker processes."""
        world, personalize = self.world, self.world.personalize
        group = world.create_group()
        for dataset_type in self.csv:
            self._import(world.create_dataset(group, dataset_type), dataset_type)
        for name, recipe in self.recipes.items():
            arn = f"arn:aws:personalize:::recipe/{recipe}"
            solution = world.create_solution(group, name, recipeArn=arn, performAutoTraining=False)
            world.create_campaign(self.train(solution), name)
        for name, expression in FILTERS.items():
            personalize.create_filter(name=name, datasetGroupArn=group, filterExpression=expression)
        personalize.create_event_tracker(name="tracker", datasetGroupArn=group)
        world.settle()

    def _import(self, dataset_arn: str, dataset_type: str) -> None:
        workspace = self.world.workspace
        created = self.world.personalize.create_dataset_import_job(
            jobName=f"import-{dataset_type.lower()}",
            datasetArn=dataset_arn,
            dataSource={"dataLocation": f"s3://bucket/{dataset_type}.csv"},
            roleArn=ROLE,
        )["datasetImportJobArn"]
        schema = workspace.resources.get(workspace.resources.get(dataset_arn).body["schema_arn"]).body["schema"]
        folder = workspace.datasets.stage(dataset_arn, "import")
        (folder / "in.csv").write_text(self.csv[dataset_type], encoding="utf-8")
        converted = convert_csv(
            folder / "in.csv", folder / "0.parquet", parse_schema(schema), workspace.datasets.spill_folder
        )
        (folder / "in.csv").unlink()
        file = BulkFile(folder / "0.parquet", converted.imported_count, converted.columns, 0)
        with workspace.database.transaction() as connection:
            workspace.datasets.publish(connection, dataset_arn, [file], FULL)
            workspace.resources.update(connection, created, self.world.clock.now(), status="ACTIVE")
            workspace.jobs.delete(connection, workspace.jobs.of_resource(created).job_id)

    def train(self, solution_arn: str) -> str:
        """Train a solution here, without a worker; give its version."""
        workspace = self.world.workspace
        arn = self.world.personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
        job = workspace.jobs.of_resource(arn)
        result = solution_version.run(JobContext(workspace, replace(job, attempt=1), job.payload, lambda *_: None))
        with workspace.database.transaction() as connection:
            workspace.jobs.delete(connection, job.job_id)
            now = self.world.clock.now()
            workspace.resources.update(connection, arn, now, status="ACTIVE", changes=result["resource"])
        return arn


@cache
def _template() -> SimpleNamespace:
    """Build the town that is copied, once; its folder goes with this process."""
    folder = tempfile.TemporaryDirectory(prefix="personalize-town-")
    town = Town(Path(folder.name))
    town.build()
    town.world.close()
    return SimpleNamespace(folder=folder)


def copy_town(data_dir: Path) -> Town:
    """Open a copy of the town in a folder that does not exist yet."""
    shutil.copytree(_template().folder.name, data_dir)
    return Town(data_dir).found()


def route_of(operation: Any) -> tuple[str, dict[str, str]]:
    """Give the path and the headers of an operation's requests, signed for the town's account."""
    from personalize_local.wire.models import routes  # not before the models are needed

    route = next(route for route, found in routes().items() if found is operation)
    credential = "Credential=123456789012/20260101/us-east-1/personalize/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"}
    return (route.split()[1], signed) if " " in route else ("/", signed | {"X-Amz-Target": route})

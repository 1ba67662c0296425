"""Personalize, SNS, EventBridge and DynamoDB of all regions, in memory: what the monitor asks of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from fake_cloudwatch import FakeCloudWatch, refuse

ACCOUNT = "123456789012"


def arn(region: str, kind: str, path: str) -> str:
    return f"arn:aws:personalize:{region}:{ACCOUNT}:{kind}/{path}"


class FakePersonalize:
    """One region's Personalize with pages of `page_size`; `failing` holds ARNs and operations that are throttled."""

    def __init__(self, region: str) -> None:
        self.region, self.page_size = region, 100
        self.groups: list[str] = []
        self.solutions: dict[str, dict[str, Any]] = {}
        self.campaigns: dict[str, dict[str, Any]] = {}
        self.recommenders: dict[str, dict[str, Any]] = {}
        self.lists: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.failing: set[str] = set()
        self.vanishing: set[str] = set()
        self.calls: list[str] = []

    def add_campaign(self, name: str, recipe: str, min_tps: int, created_at: datetime, group: str = "news") -> str:
        group_arn, solution_arn = (
            arn(self.region, "dataset-group", group),
            arn(self.region, "solution", f"{name}-solution"),
        )
        if group_arn not in self.groups:
            self.groups.append(group_arn)
        self.solutions[solution_arn] = {
            "solutionArn": solution_arn,
            "datasetGroupArn": group_arn,
            "recipeArn": f"arn:aws:personalize:::recipe/{recipe}",
        }
        one = {
            "campaignArn": arn(self.region, "campaign", name),
            "name": name,
            "solutionVersionArn": f"{solution_arn}/1234abcd",
            "minProvisionedTPS": min_tps,
            "status": "ACTIVE",
            "creationDateTime": created_at,
            "lastUpdatedDateTime": created_at,
        }
        self.campaigns[one["campaignArn"]] = one
        return one["campaignArn"]

    def add_recommender(self, name: str, min_rps: int, created_at: datetime, group: str = "shop") -> str:
        group_arn = arn(self.region, "dataset-group", group)
        if group_arn not in self.groups:
            self.groups.append(group_arn)
        one = {
            "recommenderArn": arn(self.region, "recommender", name),
            "name": name,
            "datasetGroupArn": group_arn,
            "recipeArn": "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you",
            "recommenderConfig": {
                "minRecommendationRequestsPerSecond": min_rps,
                "enableMetadataWithRecommendations": True,
            },
            "status": "ACTIVE",
            "creationDateTime": created_at,
            "lastUpdatedDateTime": created_at,
        }
        self.recommenders[one["recommenderArn"]] = one
        return one["recommenderArn"]

    def describe_campaign(self, campaignArn: str) -> dict[str, Any]:
        return {"campaign": dict(self._get(self.campaigns, campaignArn))}

    def describe_recommender(self, recommenderArn: str) -> dict[str, Any]:
        return {"recommender": dict(self._get(self.recommenders, recommenderArn))}

    def describe_solution(self, solutionArn: str) -> dict[str, Any]:
        return {"solution": self._get(self.solutions, solutionArn)}

    def get_solution_metrics(self, solutionVersionArn: str) -> dict[str, Any]:
        return {"metrics": {"coverage": 0.25, "precision_at_5": 0.1}}

    def update_campaign(self, campaignArn: str, minProvisionedTPS: int) -> None:
        self._get(self.campaigns, campaignArn)["minProvisionedTPS"] = minProvisionedTPS

    def update_recommender(self, recommenderArn: str, recommenderConfig: dict[str, Any]) -> None:
        self._get(self.recommenders, recommenderArn)["recommenderConfig"] = recommenderConfig

    def delete_campaign(self, campaignArn: str) -> None:
        self._get(self.campaigns, campaignArn)
        del self.campaigns[campaignArn]

    def stop_recommender(self, recommenderArn: str) -> None:
        self._get(self.recommenders, recommenderArn)["status"] = "INACTIVE"

    def __getattr__(self, operation: str) -> Any:
        if not operation.startswith("list_"):
            raise AttributeError(operation)
        return lambda **arguments: self._list(operation, **arguments)

    def _list(self, operation: str, maxResults: int, nextToken: str = "0", **parent: str) -> dict[str, Any]:
        self.calls.append(operation)
        if operation in self.failing:
            raise refuse("ThrottlingException")
        known = {
            "list_dataset_groups": [{"datasetGroupArn": one} for one in self.groups],
            "list_solutions": list(self.solutions.values()),
            "list_campaigns": list(self.campaigns.values()),
            "list_recommenders": list(self.recommenders.values()),
        }
        entries = known.get(operation, self.lists[operation])
        entries = [one for one in entries if all(one.get(name) == value for name, value in parent.items())]
        first = int(nextToken)
        last = first + min(maxResults, self.page_size)
        words = operation.removeprefix("list_").split("_")
        member = words[0] + "".join(word.capitalize() for word in words[1:])
        return {member: entries[first:last]} | ({"nextToken": str(last)} if last < len(entries) else {})

    def _get(self, store: dict[str, dict[str, Any]], one: str) -> dict[str, Any]:
        self.calls.append(one)
        if one in self.failing:
            raise refuse("ThrottlingException")
        if one not in store or one in self.vanishing:
            raise refuse("ResourceNotFoundException")
        return store[one]


class FakeSns:
    """Topics and what was mailed."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.mails: list[dict[str, str]] = []
        self.subscriptions: list[dict[str, str]] = []
        self.topics: set[str] = set()

    def create_topic(self, Name: str) -> dict[str, str]:
        self.topics.add(f"arn:aws:sns:{self.region}:{ACCOUNT}:{Name}")
        return {"TopicArn": f"arn:aws:sns:{self.region}:{ACCOUNT}:{Name}"}

    def list_subscriptions_by_topic(self, TopicArn: str) -> dict[str, Any]:
        return {"Subscriptions": [one for one in self.subscriptions if one["TopicArn"] == TopicArn]}

    def set_topic_attributes(self, **attributes: str) -> None:
        assert attributes["AttributeName"] == "Policy"

    def subscribe(self, TopicArn: str, Protocol: str, Endpoint: str) -> None:
        self.subscriptions.append({"TopicArn": TopicArn, "Protocol": Protocol, "Endpoint": Endpoint})

    def publish(self, **mail: str) -> None:
        self.mails.append(mail)


class FakeEvents:
    """What was put on the default bus."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


class FakeDynamo:
    """Tables whose items have one key, the first of these that they hold."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, dict[str, Any]]] = {"memory": {}}
        self.is_broken = False

    def list_tables(self) -> dict[str, Any]:
        return {"TableNames": list(self.tables)}

    def scan(self, TableName: str, ConsistentRead: bool) -> dict[str, Any]:
        if self.is_broken and TableName != "memory":
            raise refuse("ProvisionedThroughputExceededException")
        return {"Items": list(self.tables[TableName].values())}

    def put_item(self, TableName: str, Item: dict[str, Any]) -> None:
        self.tables[TableName][Item["arn"]["S"]] = Item

    def delete_item(self, TableName: str, Key: dict[str, Any]) -> None:
        self.tables[TableName].pop(Key["arn"]["S"], None)


class FakeStates:
    """One region's state machines with their tags."""

    def __init__(self) -> None:
        self.machines: dict[str, dict[str, str]] = {}

    def list_state_machines(self, maxResults: int) -> dict[str, Any]:
        return {"stateMachines": [{"stateMachineArn": one} for one in self.machines]}

    def list_tags_for_resource(self, resourceArn: str) -> dict[str, Any]:
        return {"tags": [{"key": key, "value": value} for key, value in self.machines[resourceArn].items()]}


class FakeGateway:
    """One region's REST APIs by name, with their tags or their stage's; untagged ones have no member for them."""

    def __init__(self) -> None:
        self.apis: dict[str, dict[str, str]] = {}
        self.stages: dict[str, dict[str, str]] = {}
        self.is_broken = False

    def get_rest_apis(self, limit: int) -> dict[str, Any]:
        if self.is_broken:
            raise refuse("TooManyRequestsException")
        return {"items": [{"id": name, "name": name, **_tags(tags)} for name, tags in self.apis.items()]}

    def get_stages(self, restApiId: str) -> dict[str, Any]:
        return {"item": [{"stageName": "v1", **_tags(self.stages.get(restApiId, {}))}]}


def _tags(tags: dict[str, str]) -> dict[str, Any]:
    return {"tags": tags} if tags else {}


class FakeAws:
    """All services by name and region, as `Clients` makes them."""

    def __init__(self, *regions: str) -> None:
        self.personalize = {region: FakePersonalize(region) for region in regions}
        self.cloudwatch = {region: FakeCloudWatch() for region in regions}
        self.sns = {region: FakeSns(region) for region in regions}
        self.states = {region: FakeStates() for region in regions}
        self.gateways = {region: FakeGateway() for region in regions}
        self.events, self.dynamodb = FakeEvents(), FakeDynamo()

    def make(self, service: str, region: str) -> Any:
        regional = {"personalize": self.personalize, "cloudwatch": self.cloudwatch, "sns": self.sns}
        regional |= {"stepfunctions": self.states, "apigateway": self.gateways}
        if service in regional:
            return regional[service][region]
        return {"events": self.events, "dynamodb": self.dynamodb}[service]

"""What the machines of releases ask besides Personalize's control plane: campaigns, and CloudWatch's alarms."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

from deletable_personalize import DeletablePersonalize
from fake_personalize import client_error

READERS = [f"reader-{number}" for number in range(20)]
ARTICLES = [f"article-{number}" for number in range(20)]
INTERACTIONS = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "".join(
    f"{reader},{article},1,page_view\n" for reader, article in zip(READERS, ARTICLES, strict=True)
)
ITEMS = "ITEM_ID,CREATION_TIMESTAMP,CATEGORY\n" + "".join(f"{article},1,canada|world\n" for article in ARTICLES)


class FakeRuntime:
    """Answers of campaigns that are ACTIVE; `silent` versions give nothing, `refusing` ones an error, each when asked
    with a filter whose ARN ends so ("" for every request)."""

    def __init__(self, personalize: DeletablePersonalize) -> None:
        self._personalize = personalize
        self.silent: dict[str, str] = {}
        self.refusing: dict[str, str] = {}
        self.faults: list[Exception] = []
        self.asked: Counter[str] = Counter()
        self.calls: list[dict[str, Any]] = []

    def samples(self, function: SimpleNamespace) -> Any:
        """The samples that the function reads from the bucket."""
        read = function.samples.read_head
        heads = {"INTERACTIONS": INTERACTIONS, "ITEMS": ITEMS}
        return function.samples.Samples({name: read(text.encode(), 5) for name, text in heads.items()})

    def get_recommendations(self, **arguments: Any) -> dict[str, Any]:
        return {"itemList": [{"itemId": item} for item in self._answer(arguments)], "recommendationId": "RID-1"}

    def get_personalized_ranking(self, **arguments: Any) -> dict[str, Any]:
        assert arguments["inputList"]
        return {"personalizedRanking": [{"itemId": item} for item in self._answer(arguments)]}

    def _answer(self, arguments: dict[str, Any]) -> list[str]:
        self.calls.append(arguments)
        if self.faults:
            raise self.faults.pop(0)
        campaign = self._personalize.resources.get(arguments["campaignArn"])
        if campaign is None or campaign["status"] != "ACTIVE":
            raise client_error("ResourceNotFoundException", f"{arguments['campaignArn']} does not exist.")
        version, used = campaign["solutionVersionArn"], arguments.get("filterArn", "")
        self.asked[version] += 1
        if any(version.endswith(end) and used.endswith(name) for end, name in self.refusing.items()):
            raise client_error("InvalidInputException", "The request is not valid.")
        if any(version.endswith(end) and used.endswith(name) for end, name in self.silent.items()):
            return []
        return ARTICLES[: arguments.get("numResults", 25)]


class FakeCloudWatch:
    """Alarms by name, with their states."""

    def __init__(self) -> None:
        self.alarms: dict[str, str] = {}
        self.faults: list[Exception] = []

    def describe_alarms(self, *, AlarmNames: list[str], AlarmTypes: list[str], MaxRecords: int) -> dict[str, Any]:
        if self.faults:
            raise self.faults.pop(0)
        known = [name for name in AlarmNames if name in self.alarms]
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": self.alarms[name]} for name in known]}

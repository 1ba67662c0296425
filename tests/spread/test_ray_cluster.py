"""Work on a Ray cluster of two processes on this machine: what one process gives, in the same order."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from personalize_local.jobs.context import JobFailedError
from personalize_local.runtime import batch_inference, batch_segment
from personalize_local.spread.ray_cluster import RayCluster
from personalize_local.spread.settings import spread_of
from personalize_local.spread.spread import Here, Spread, SpreadError, Work
from tests.runtime.conftest import Newsroom, newsroom  # noqa: F401 (a fixture)
from tests.runtime.test_batch_segment import Answer, answer  # noqa: F401 (a fixture)
from tests.spread.statistics import check_a_blend, check_counting_by_ranges

ray = pytest.importorskip("ray", reason='the extra "ray" is not installed')
MEMORY_BYTES = 100 << 20


class HereAndThere:
    """Do all work here and on another spread, and give what came of it where both say the same."""

    shares_memory = False

    def __init__(self, there: Spread) -> None:
        self.part_count = 0
        self._there = there

    def map(self, work: Work[Any, Any], parts: Iterable[Any]) -> Iterator[Any]:
        given = list(parts)
        self.part_count += len(given)
        here, there = list(Here().map(work, given)), list(self._there.map(work, given))
        assert here == there
        return iter(there)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Spread]:
    """Start a cluster with two workers; stop it after the last test."""
    yield RayCluster(options={"num_cpus": 2, "object_store_memory": MEMORY_BYTES})
    ray.shutdown()


def test_results_come_in_the_order_of_the_parts_from_other_processes(cluster: Spread) -> None:
    table = np.arange(1000)
    found = list(cluster.map(lambda place, part: (place, int(table[part]), os.getpid()), range(100, 130)))
    assert [each[:2] for each in found] == [(place, place + 100) for place in range(30)]
    assert os.getpid() not in {process_id for _, _, process_id in found}


def test_few_parts_wait_at_a_time(cluster: Spread) -> None:
    taken: list[int] = []

    def parts() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    results = cluster.map(lambda place, part: part, parts())
    assert next(results) == 0
    assert len(taken) == 4
    assert list(results) == list(range(1, 50))


def test_what_the_work_raises_is_raised_here(cluster: Spread) -> None:
    def refuse(place: int, part: int) -> int:
        if part == 3:
            raise JobFailedError("no more")
        return part

    with pytest.raises(JobFailedError, match="no more"):
        list(cluster.map(refuse, range(9)))


def test_a_cluster_that_is_not_there_says_so(cluster: Spread, monkeypatch: pytest.MonkeyPatch) -> None:
    list(cluster.map(lambda place, part: part, range(1)))
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", _refuse)
    with pytest.raises(SpreadError, match=r"The Ray cluster at 10\.0\.0\.1:6379 cannot be reached: nobody answers"):
        list(RayCluster("10.0.0.1:6379").map(lambda place, part: part, range(1)))


def test_batch_inference_writes_the_same_on_a_cluster(
    newsroom: Newsroom,  # noqa: F811
    s3: Any,
    cluster: Spread,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("personalize_local.jobs.batch_lines.CHUNK_LINES", 4)
    explores = {"item_exploration_config": {"explorationWeight": "0.5", "explorationItemAgeCutOff": "1000"}}
    campaign = newsroom.workspace.resources.get(newsroom.add_campaign(item_ids=[f"i{place}" for place in range(5)]))
    assert campaign is not None
    filter_arn = newsroom.add_filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")')
    context = newsroom.batch_context(
        "batch-inference",
        campaign.body["solution_version_arn"],
        num_results=8,
        filter_arn=filter_arn,
        batch_inference_job_config=explores,
        job_input={"s3_data_source": {"path": "s3://data/in/"}},
        job_output={"s3_data_destination": {"path": "s3://out/answers"}},
    )
    given = [{"userId": ("ann", "bob", "new")[place % 3]} for place in range(30)] + [{"userId": ""}]
    s3.put("data", "in/a.json", "\n".join(map(json.dumps, given)))
    written = []
    for spread in (Here(), cluster):
        monkeypatch.setattr(batch_inference, "spread_of", lambda environment, spread=spread: spread)
        counts = batch_inference.run_with(context, s3, newsroom._load)["resource"]["line_counts"]
        assert counts == {"answered": 30, "failed": 1}
        written.append(s3.objects["out", "answers/a.json.out"])
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("recipe", "lines"),
    [
        ("aws-item-affinity", [{"itemId": f"i{place % 8}"} for place in range(20)]),
        ("aws-item-attribute-affinity", [{"itemAttributes": 'ITEMS.CATEGORY = "sport"'}] * 9),
    ],
)
def test_batch_segments_are_the_same_on_a_cluster(
    answer: Answer,  # noqa: F811
    recipe: str,
    lines: list[dict[str, str]],
    cluster: Spread,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("personalize_local.jobs.batch_lines.CHUNK_LINES", 4)
    both = HereAndThere(cluster)
    monkeypatch.setattr(batch_segment, "spread_of", lambda environment: both)
    written = answer(recipe, lines)
    assert both.part_count > 1
    assert [line["input"] for line in written] == lines
    assert any(line["output"] and line["output"]["recommendedUsers"] for line in written)


def test_statistics_are_counted_by_ranges_of_users(cluster: Spread) -> None:
    check_counting_by_ranges(cluster)


def test_a_blend_is_that_of_one_process(cluster: Spread, monkeypatch: pytest.MonkeyPatch) -> None:
    check_a_blend(cluster, monkeypatch)


@pytest.mark.parametrize(("text", "address"), [("ray", None), ("RAY", None), ("10.0.0.1:6379", "10.0.0.1:6379")])
def test_the_environment_chooses_a_cluster(text: str, address: str | None) -> None:
    assert spread_of({"PERSONALIZE_LOCAL_SPREAD": text}) == RayCluster(address)


def _refuse(**arguments: Any) -> None:
    raise ConnectionError("nobody answers")

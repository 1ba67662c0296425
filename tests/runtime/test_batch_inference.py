"""The batch inference job, from the input's lines to the output's; S3 is a fake, models are ladders."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from personalize_local.jobs import batch_lines
from personalize_local.jobs.batch_lines import CHECK, LINE_MAX_BYTES
from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.runtime import batch_inference, exploration
from personalize_local.runtime.batch_inference import run_with
from personalize_local.spread import forks
from personalize_local.store.events import StreamedEvent
from tests.behaviours import APPROXIMATED, EXACT, behaviour

INPUT, OUTPUT = "s3://data/in/", "s3://out/answers"
Answer = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def start(newsroom: Any) -> Callable[..., JobContext]:
    """Make the job of a batch inference on a new solution version."""

    def make(recipe: str = "aws-user-personalization", known: list[str] | None = None, **body: Any) -> JobContext:
        campaign = newsroom.workspace.resources.get(newsroom.add_campaign(recipe, item_ids=known))
        quiet = {"item_exploration_config": {"explorationWeight": "0"}}
        members = {
            "version_arn": campaign.body["solution_version_arn"],
            "num_results": 3,
            "batch_inference_job_config": quiet,
            "job_input": {"s3_data_source": {"path": INPUT}},
            "job_output": {"s3_data_destination": {"path": OUTPUT}},
        }
        return newsroom.batch_context("batch-inference", **(members | body))

    return make


@pytest.fixture
def answer(newsroom: Any, s3: Any, start: Callable[..., JobContext]) -> Answer:
    """Answer lines; give the output's."""

    def run(lines: list[Any], recipe: str = "aws-user-personalization", **body: Any) -> list[dict[str, Any]]:
        s3.put("data", "in/ask.json", "\n".join(json.dumps(line) for line in lines))
        run_with(start(recipe, **body), s3, newsroom._load)
        return s3.lines("out", "answers/ask.json.out")

    return run


@behaviour(
    "CreateBatchInferenceJob",
    "Each line is answered in order, in a file with .out behind its name",
    EXACT,
    source="observed, need 9",
)
def test_each_line_gets_its_users_items_with_scores(answer: Answer, newsroom: Any) -> None:
    # GIVEN a reader whose last story is i2, a stranger, and one known by a number
    given = [{"userId": "ann"}, {"userId": "nobody"}, {"userId": 7}]

    # WHEN the lines are answered
    lines = answer(given)

    # THEN they come in order, echoed as they were, with scores of 7 decimals that fall
    assert [line["input"] for line in lines] == given
    assert [line["error"] for line in lines] == [None] * 3
    assert [line["output"]["recommendedItems"] for line in lines] == [["i3", "i0", "i1"], *[["i0", "i1", "i2"]] * 2]
    scores = lines[0]["output"]["scores"]
    assert scores == sorted(scores, reverse=True) == [round(score, 7) for score in scores]
    online = newsroom.recommend(campaign_arn=newsroom.workspace.resources.list("campaign")[0].arn, user_id="ann")
    assert scores == [item["score"] for item in online[:3]]


@behaviour(
    "CreateBatchInferenceJob",
    "Lines are answered as the runtime does at that moment, streamed events included",
    APPROXIMATED,
    source="documented for AWS: those of 15 minutes ago",
)
def test_events_streamed_before_the_job_count(answer: Answer, newsroom: Any) -> None:
    event = StreamedEvent("s", "view", int(newsroom.clock.now().timestamp()), user_id="ann", item_id="i7")
    newsroom.workspace.events.append(newsroom.dataset_arn("INTERACTIONS"), [event])
    (line,) = answer([{"userId": "ann"}])
    assert line["output"]["recommendedItems"][0] == "i8"


@behaviour("CreateBatchInferenceJob", "Recipes without scores write none", EXACT, source="observed, contract §3.10")
@pytest.mark.parametrize(
    ("recipe", "given", "output"),
    [
        ("aws-similar-items", {"itemId": "i5"}, {"recommendedItems": ["i4", "i6", "i3"]}),
        ("aws-sims", {"itemId": "unheard of"}, {"recommendedItems": ["i0", "i1", "i2"]}),
        ("aws-popularity-count", {"userId": "ann"}, {"recommendedItems": ["i3", "i0", "i1"]}),
    ],
)
def test_recipes_without_scores_give_none(
    answer: Answer, recipe: str, given: dict[str, str], output: dict[str, Any]
) -> None:
    assert answer([given], recipe, batch_inference_job_config={}) == [{"input": given, "output": output, "error": None}]


@behaviour(
    "CreateBatchInferenceJob",
    "A ranking orders the whole list; scores sum to 1 over it, null where there is none",
    EXACT,
    source="documented; null: inferred",
)
def test_a_ranking_orders_the_whole_list_and_puts_unknown_items_last(answer: Answer) -> None:
    given = {"userId": "ann", "itemList": ["unknown", "i1", "i3", "i1"]}
    (line,) = answer([given], "aws-personalized-ranking", batch_inference_job_config={})
    assert line["output"]["recommendedItems"] == ["i3", "i1", "unknown"]
    assert line["output"]["scores"][2] is None
    assert sum(line["output"]["scores"][:2]) == pytest.approx(1, abs=1e-6)


@behaviour(
    "CreateBatchInferenceJob", "A filter takes its values from each line", EXACT, source="documented, contract §3.10"
)
def test_a_filter_takes_its_values_from_each_line(answer: Answer, newsroom: Any) -> None:
    filter_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.CATEGORY IN ($KIND)")
    arts, none = {"userId": "x", "filterValues": {"KIND": '"arts"'}}, {"userId": "x"}
    served, refused, odd = answer([arts, none, {"userId": "x", "filterValues": {"KIND": 1}}], filter_arn=filter_arn)
    assert (served["input"], served["output"]["recommendedItems"]) == (arts, ["i4", "i9"])
    assert refused["output"] is None
    assert refused["error"] == f"The filter {filter_arn} needs values for KIND: give them in filterValues."
    assert odd["error"].startswith("filterValues must be texts by name")


def test_exploration_is_the_jobs_own_and_the_same_when_it_runs_again(answer: Answer) -> None:
    config = {"item_exploration_config": {"explorationWeight": "1", "explorationItemAgeCutOff": "1000"}}
    known = [f"i{place}" for place in range(5)]
    (line,) = answer([{"userId": "ann"}], known=known, batch_inference_job_config=config)
    assert set(line["output"]["recommendedItems"]) < {"i5", "i6", "i7", "i8", "i9"}


def test_the_same_job_writes_the_same_again(start: Callable[..., JobContext], s3: Any, newsroom: Any) -> None:
    config = {"item_exploration_config": {"explorationWeight": "0.5", "explorationItemAgeCutOff": "1000"}}
    context = start(known=[f"i{place}" for place in range(5)], batch_inference_job_config=config, num_results=8)
    s3.put("data", "in/a.json", '{"userId":"ann"}\n' * 20)
    run_with(context, s3, newsroom._load)
    first = s3.objects["out", "answers/a.json.out"]
    run_with(context, s3, newsroom._load)
    assert s3.objects["out", "answers/a.json.out"] == first


def test_any_number_of_processes_writes_the_same(
    start: Callable[..., JobContext], s3: Any, newsroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_lines, "CHUNK_LINES", 4)
    config = {"item_exploration_config": {"explorationWeight": "0.5", "explorationItemAgeCutOff": "1000"}}
    context = start(known=[f"i{place}" for place in range(5)], batch_inference_job_config=config, num_results=8)
    given = [{"userId": f"u{place}"} for place in range(30)]
    s3.put("data", "in/a.json", "\n".join(map(json.dumps, given)))
    written = []
    for process_count in (1, 3):
        monkeypatch.setattr(forks, "core_count", lambda count=process_count: count)
        assert run_with(context, s3, newsroom._load)["resource"] == {"line_counts": {"answered": 30, "failed": 0}}
        written.append(s3.lines("out", "answers/a.json.out"))
    assert [line["input"] for line in written[0]] == given
    assert written[0] == written[1]
    assert len({tuple(line["output"]["recommendedItems"]) for line in written[0]}) > 15


@behaviour(
    "CreateBatchInferenceJob",
    "User-Personalization-v2 writes reasons per item, under reason",
    APPROXIMATED,
    source="documented; the name: inferred",
)
def test_reasons_are_written_for_the_recipe_that_gives_them(
    answer: Answer, newsroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exploration, "SECOND_VERSION_WEIGHT", 0.3)
    new = [f"n{place}" for place in range(5)]
    rows = "".join(f"{each},arts,1,1,{int(newsroom.clock.now().timestamp())}\n" for each in new)
    newsroom.import_csv("ITEMS", f"ITEM_ID,CATEGORY,WORDS,PRICE,CREATION_TIMESTAMP\n{rows}", "INCREMENTAL")
    body = {"num_results": 15, "batch_inference_job_config": {}}
    (line,) = answer([{"userId": "ann"}], "aws-user-personalization-v2", **body)
    output = line["output"]
    explored = {item for item, why in zip(output["recommendedItems"], output["reason"], strict=True) if why}
    assert explored and explored <= set(new)
    assert [why for why in output["reason"] if why] == [["Exploration"]] * len(explored)
    assert [score is None for score in output["scores"]] == [item in new for item in output["recommendedItems"]]


@behaviour(
    "CreateBatchInferenceJob",
    "A line that cannot be served has an error; the job goes on",
    EXACT,
    source="inferred from the error key that is observed",
)
@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{", "The line is not JSON: Expecting property name"),
        ("[1]", "The line is not a JSON object"),
        ('{"userId": NaN}', "The line is not JSON: NaN is not JSON"),
        ("[" * 100_000, "The line is not JSON: "),
        ("\x00", "The line is not JSON: "),
        ("{}", "The line has no userId."),
        ('{"userId": ""}', "The line has no userId."),
        ('{"userId": {"a": 1}}', "userId must be a text."),
        ('{"userId": true}', "userId must be a text."),
    ],
)
def test_a_line_that_cannot_be_served_says_why_and_the_others_are_served(
    newsroom: Any, s3: Any, start: Callable[..., JobContext], line: str, error: str
) -> None:
    s3.put("data", "in/ask.json", f'\ufeff{{"userId":"ann"}}\r\n\n{line}\n{{"userId":"\\ud800"}}')
    result = run_with(start(), s3, newsroom._load)
    first, second, third = s3.lines("out", "answers/ask.json.out")
    assert first["error"] is None and third["error"] is None and third["input"] == {"userId": "\ud800"}
    assert second["output"] is None and second["error"].startswith(error)
    assert result == {"resource": {"line_counts": {"answered": 2, "failed": 1}}}


def test_a_ranking_line_needs_a_list(answer: Answer) -> None:
    lines = [{"userId": "a"}, {"userId": "a", "itemList": "i1"}, {"userId": "a", "itemList": ["i1"] * 501}]
    errors = [line["error"] for line in answer(lines, "aws-personalized-ranking", batch_inference_job_config={})]
    assert errors[:2] == ["The line has no itemList: give the items to rank."] * 2
    assert errors[2] == "itemList has 501 items; 500 are allowed."


def test_every_file_of_the_folder_gets_one_of_its_own_and_nothing_stays_here(
    newsroom: Any, s3: Any, start: Callable[..., JobContext]
) -> None:
    for name in ("a.json", "b.jsonl", "c.json"):
        s3.put("data", f"in/{name}", '{"userId":"ann"}')
    s3.put("data", "in/deeper/d.json", '{"userId":"ann"}')
    context = start()
    run_with(context, s3, newsroom._load)
    assert s3.uploads == [f"answers/{name}" for name in (CHECK, "a.json.out", "b.jsonl.out", "c.json.out")]
    assert s3.objects["out", f"answers/{CHECK}"] == b""
    assert list(newsroom.workspace.job_folder(context.job.job_id).iterdir()) == []


@behaviour(
    "CreateBatchInferenceJob, CreateBatchSegmentJob",
    "An input path without a slash at its end names every key that begins so, or the one file of this name",
    APPROXIMATED,
    source="documented; that a file of the name is meant alone: inferred",
)
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("s3://data/in/day", ["day-1.json", "day-2.json", "late.json"]),
        ("s3://data/in/day-1.json", ["day-1.json"]),
        ("s3://data/in/", ["day-1.json", "day-2.json"]),
    ],
)
def test_a_path_without_a_slash_is_a_prefix(
    newsroom: Any, s3: Any, start: Callable[..., JobContext], path: str, names: list[str]
) -> None:
    for key in ("in/day-1.json", "in/day-2.json", "in/days/late.json"):
        s3.put("data", key, '{"userId":"ann"}')
    run_with(start(job_input={"s3_data_source": {"path": path}}), s3, newsroom._load)
    assert s3.uploads == [f"answers/{name}" for name in (CHECK, *(f"{name}.out" for name in names))]


def test_lines_are_answered_one_by_one_over_the_ends_of_chunks(
    newsroom: Any, s3: Any, start: Callable[..., JobContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalize_local.jobs.s3_source.CHUNK_BYTES", 7)
    given = [{"userId": f"u{place}"} for place in range(50)]
    s3.put("data", "in/a.json", "\n".join(map(json.dumps, given)))
    run_with(start(), s3, newsroom._load)
    assert [line["input"] for line in s3.lines("out", "answers/a.json.out")] == given


@behaviour(
    "DescribeBatchInferenceJob",
    "A job that cannot read or write S3 is CREATE FAILED with its reason",
    EXACT,
    source="observed, contract §2.6",
)
@pytest.mark.parametrize(
    ("paths", "refusal", "reason"),
    [
        (("s3://data/none.json", OUTPUT), None, "Invalid S3 input path. Invalid Data location. There is no file"),
        ((INPUT, "s3://nowhere/x/"), None, "Invalid S3 output path. Invalid Data location. There is nothing at"),
        ((INPUT, OUTPUT), "AccessDenied", "Invalid S3 input path. Insufficient privileges for accessing data"),
        (("s3://data/long/", OUTPUT), None, "long/a.json has a line of more than 8388608 bytes"),
    ],
)
def test_jobs_fail_for_reasons_to_act_on(
    newsroom: Any,
    s3: Any,
    start: Callable[..., JobContext],
    paths: tuple[str, str],
    refusal: str | None,
    reason: str,
) -> None:
    s3.put("data", "in/a.json", '{"userId":"ann"}')
    s3.put("data", "long/a.json", b"x" * (2 * LINE_MAX_BYTES))
    s3.refusal = refusal
    source, target = paths
    context = start(
        job_input={"s3_data_source": {"path": source}}, job_output={"s3_data_destination": {"path": target}}
    )
    with pytest.raises(JobFailedError) as raised:
        run_with(context, s3, newsroom._load)
    assert raised.value.reason.startswith(reason)
    assert not [key for key in s3.uploads if key.endswith(".out")]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ((1, 1000, 10), "The input has 2 files; 1 are allowed."),
        ((2, 10, 10), "The input has 52 bytes; 10 are allowed."),
        ((2, 1000, 1), "in/a.json has more than 1 lines."),
    ],
)
def test_input_has_limits(
    newsroom: Any,
    s3: Any,
    start: Callable[..., JobContext],
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[int, int, int],
    reason: str,
) -> None:
    monkeypatch.setattr(batch_inference, "LIMITS", batch_inference.InputLimits(*limits))
    s3.put("data", "in/a.json", '{"userId":"ann"}\n' * 2)
    s3.put("data", "in/b.json", '{"userId":"bob"} \n')
    with pytest.raises(JobFailedError) as raised:
        run_with(start(), s3, newsroom._load)
    assert raised.value.reason == reason


def test_a_solution_version_that_went_meanwhile_is_named(newsroom: Any, s3: Any, start: Callable[..., Any]) -> None:
    context = start(solution_version_arn="arn:aws:personalize:us-east-1:123456789012:solution/gone/1")
    with pytest.raises(JobFailedError) as raised:
        run_with(context, s3, newsroom._load)
    assert raised.value.reason.endswith("solution/gone/1 does not exist.")

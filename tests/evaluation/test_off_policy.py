"""Off-policy estimates, on a log whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.evaluation import EvaluationError, Settings
from personalize_local.evaluation.files import read_data
from personalize_local.evaluation.off_policy import estimate, logged_value, recorded_value
from personalize_local.evaluation.policies import judge_policies
from personalize_local.evaluation.policy_log import LoggedItem, read_policy_log, with_rewards, write_policy_log

CLICK_RATES = np.array([0.05, 0.1, 0.4])
LOGGING, TARGET = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7])

ITEMS = st.builds(
    LoggedItem,
    recommendation_id=st.text(min_size=1, max_size=5),
    item_id=st.text(min_size=1, max_size=5),
    rank=st.integers(1, 25),
    propensity=st.floats(1e-6, 1.0),
    reward=st.none() | st.floats(-5, 5),
    user_id=st.none() | st.text(max_size=5),
    shown_at_epoch_s=st.none() | st.integers(0, 2**40),
    target_propensity=st.none() | st.floats(0.0, 1.0),
)


def simulated(count: int, seed: int = 3) -> list[LoggedItem]:
    """Show one of three items by the logging policy's chances; clicks come at the item's own rate."""
    rng = np.random.default_rng(seed)
    shown = rng.choice(3, count, p=LOGGING)
    clicked = rng.random(count) < CLICK_RATES[shown]
    return [
        LoggedItem(f"r{place}", f"i{item}", 1, LOGGING[item], float(click), None, None, TARGET[item])
        for place, (item, click) in enumerate(zip(shown, clicked, strict=True))
    ]


def test_the_estimate_finds_the_known_truth():
    log = simulated(20_000)
    value, truth = recorded_value(log), float(TARGET @ CLICK_RATES)
    assert value.ips_interval[0] < truth < value.ips_interval[1]
    assert value.snips_interval[0] < truth < value.snips_interval[1]
    assert value.snips_interval[1] - value.snips_interval[0] < 0.06
    assert value.effective_answers < value.answer_count
    logged = logged_value(log)
    assert logged.ips == pytest.approx(float(LOGGING @ CLICK_RATES), abs=0.01)
    assert logged.effective_answers == pytest.approx(20_000)


def test_intervals_hold_about_as_often_as_they_say():
    truth = float(TARGET @ CLICK_RATES)
    values = [recorded_value(simulated(1000, seed)) for seed in range(100)]
    for name in ("ips_interval", "snips_interval"):
        held = sum(low < truth < high for low, high in (getattr(value, name) for value in values))
        assert 86 <= held <= 100, name


def test_an_answer_of_several_items_is_one_unit():
    """Two items each answer, both earn 1: the policy itself earns 2 an answer, for certain."""
    log = [LoggedItem(f"r{place // 2}", "i", place % 2 + 1, 0.5, 1.0) for place in range(40)]
    value = logged_value(log)
    assert (value.ips, value.snips, value.answer_count) == (2.0, 2.0, 20)
    assert value.snips_interval == (2.0, 2.0)


def test_a_policy_that_shows_nothing_of_the_log_earns_nothing_that_is_known():
    value = estimate("elsewhere", simulated(10), np.zeros(10))
    assert (value.ips, value.snips, value.effective_answers) == (0.0, 0.0, 0.0)


@given(st.lists(ITEMS, min_size=1, max_size=5))
def test_a_log_is_read_as_it_was_written(tmp_path_factory, items):
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    write_policy_log(path, items)
    assert read_policy_log(path) == items


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: Expecting"),
        ("[]", "line 1: a line is a JSON object with recommendation_id"),
        ('{"item_id": "a"}', "recommendation_id, rank, propensity missing"),
        ('{"recommendation_id":"r","item_id":"a","rank":1,"propensity":0,"reward":1}', "propensity 0.0 is no chance"),
        ('{"recommendation_id":"r","item_id":"a","rank":0,"propensity":1,"reward":1}', "rank counts from 1"),
        ("", "has no line"),
    ],
)
def test_wrong_lines_are_named(tmp_path, line, message):
    (tmp_path / "log.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_policy_log(tmp_path / "log.jsonl")
    assert message in str(caught.value)


def test_events_that_carry_the_answers_id_are_its_rewards(tmp_path):
    path = tmp_path / "interactions.csv"
    rows = ("u,a,1,", "u,b,2,r1", "v,a,3,r2", "v,b,4,r9")
    path.write_text("\n".join(("USER_ID,ITEM_ID,TIMESTAMP,recommendation_id", *rows)), encoding="utf-8")
    table = read_data(path).interactions
    log = [LoggedItem("r1", "a", 1, 0.5), LoggedItem("r1", "b", 2, 0.5), LoggedItem("r2", "a", 1, 0.5, 7.0)]
    assert [item.reward for item in with_rewards(log, table)] == [0.0, 1.0, 7.0]
    with pytest.raises(EvaluationError, match="no column RECOMMENDATION_ID to take it from"):
        with_rewards(log, replace(table, columns={}))


def test_trained_methods_are_judged_by_what_they_would_have_shown(chain):
    """Every answer shows a random item after a reader's first events; a click is what the reader did next."""
    table, rng = chain.interactions, np.random.default_rng(1)
    cut = int(np.quantile(table.timestamp_epoch_s, 0.5))
    log, count = [], len(table.item_ids)
    for place in np.flatnonzero(table.timestamp_epoch_s > cut):
        user, shown = table.user_row[place], int(rng.integers(count))
        reward = float(table.item_row[place] == shown)
        who, when = table.user_ids[user], int(table.timestamp_epoch_s[place])
        log.append(LoggedItem(f"r{place}", table.item_ids[shown], 1, 1 / count, reward, who, when))
    settings = Settings(recipes={}, baselines=("rules", "popularity"), filter_seen=False, isolated=False)
    values = {value.name: value for value in judge_policies(chain, log, settings, lambda text, done: None)}
    assert values["rules"].snips > 0.3 > values["popularity"].snips
    assert values["as logged"].ips == pytest.approx(1 / count, abs=0.01)
    with pytest.raises(EvaluationError, match="needs user_id and shown_at_epoch_s"):
        judge_policies(chain, [replace(log[0], user_id=None)], settings, lambda text, done: None)

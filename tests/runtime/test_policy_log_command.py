"""From answers that explore, over the clicks they earn, to the verdict of `personalize-local evaluate --policy-log`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from personalize_local.cli import main
from personalize_local.runtime.get_recommendations import get_recommendations
from tests.room import NOW, SCOPE
from tests.runtime.test_get_recommendations import put

READERS = 40


def test_a_served_campaign_is_judged_by_its_log_and_its_clicks(newsroom: Any, tmp_path: Path) -> None:
    # GIVEN a campaign that explores, and readers who turn to a new article whenever it is shown
    campaign_arn = newsroom.add_campaign(config={"item_exploration_config": {"explorationWeight": "0.4"}})
    put(newsroom, "fresh")
    newest, clicks = int(NOW.timestamp()), 0
    rows = [["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "RECOMMENDATION_ID"]]
    for number in range(READERS):
        user_id = f"reader{number}"
        rows += [[user_id, f"i{place}", newest - 9000 + 60 * place + number, "view", ""] for place in range(3)]
        request = {"campaign_arn": campaign_arn, "user_id": user_id, "num_results": 4}
        answer = get_recommendations(newsroom.engine, SCOPE, request)
        if "fresh" in [item["item_id"] for item in answer["item_list"]]:
            rows.append([user_id, "fresh", newest + 60 + number, "view", answer["recommendation_id"]])
            clicks += 1
    newsroom.engine.policy_log.flush()

    # WHEN the log is judged by the events that came of it
    interactions, verdict = tmp_path / "interactions.csv", tmp_path / "verdict.json"
    with interactions.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    log = ["--policy-log", str(newsroom.engine.policy_log.path)]
    assert (
        main(["evaluate", str(interactions), *log, "--recipe", "none", "--baselines", "none", "--json", str(verdict)])
        == 0
    )

    # THEN the campaign earned what was clicked
    logged = json.loads(verdict.read_text(encoding="utf-8"))[0]
    assert 0 < clicks < READERS
    assert logged["ips"] == pytest.approx(clicks / READERS)
    assert logged["answer_count"] == READERS

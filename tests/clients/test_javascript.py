"""AWS's JavaScript clients (v3), unmodified, against the local cloud."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.recipes import RECIPES
from tests.clients.conftest import Trained
from tests.clients.servers import Server, clean_environment
from tests.clients.worlds import ARTICLES, BUCKET, article, category

FOLDER = Path(__file__).parent / "javascript"
TIMEOUT_S = 240


def run(*command: str, cwd: Path = FOLDER) -> str:
    ended = subprocess.run(
        command, cwd=cwd, env=clean_environment(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    return ended.stdout


@pytest.fixture(scope="session")
def clients() -> None:
    """Node and the locked clients, installed below the script once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are needed for AWS's JavaScript clients, and are not on this machine")
    lock, marker = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if not marker.exists() or marker.stat().st_mtime < lock.stat().st_mtime:
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


@pytest.fixture(scope="session")
def seen(clients: None, cloud: Server, trained: Trained) -> dict[str, Any]:
    """What the script saw on its way."""
    arguments = (cloud.url, BUCKET, trained.journey.campaign_arn, trained.tracking_id, trained.filter_arn)
    return json.loads(run("node", "journey.mjs", *arguments))


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages and all("integrity" in package and "resolved" not in package for package in packages)


def test_resources_pass_through_their_statuses(seen: dict[str, Any]) -> None:
    assert seen["groupStatuses"] == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    assert seen["importStatuses"] == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_schemas_and_times_come_back_as_the_client_expects_them(seen: dict[str, Any]) -> None:
    assert seen["schemaIsKept"] and seen["createdAtIsDate"]


def test_errors_become_the_clients_own_classes(seen: dict[str, Any]) -> None:
    assert seen["takenIsTyped"]
    assert seen["missing"] == {"name": "ResourceNotFoundException", "status": 404}
    assert seen["unknownTracker"] == {"name": "InvalidInputException", "status": 400}
    assert (seen["badToken"], seen["tooLarge"]) == ("InvalidNextTokenException", "ValidationException")


def test_its_paginator_sees_every_recipe_once(seen: dict[str, Any]) -> None:
    assert sorted(seen["recipes"]) == sorted(RECIPES)
    assert seen["pageCount"] == -(-len(RECIPES) // 4)


def test_recommendations_have_scores_and_an_id(seen: dict[str, Any]) -> None:
    assert len(seen["items"]) == 10 and seen["scoresAreNumbers"]
    assert seen["recommendationId"]


def test_a_filter_with_a_value_holds(seen: dict[str, Any]) -> None:
    arts = {article(number) for number in range(ARTICLES) if category(number) == "arts"}
    assert seen["filtered"] and set(seen["filtered"]) <= arts


def test_a_ranking_is_refused_for_a_campaign_that_recommends(seen: dict[str, Any]) -> None:
    assert seen["ranking"] == "InvalidInputException"

"""The function's folder on the path, and an application over stand-ins."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how busy the machine is says nothing of the code
settings.load_profile("untimed")

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS), str(TESTS.parent), str(TESTS.parent / "functions")]

from recommendations_fakes import API, FUNCTIONS, IDS, FakeDynamo, FakePersonalize, ManualClock, Shop, article  # noqa: E402 (found on the path set above)
from template_reading import read_template  # noqa: E402 (the same)


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return read_template()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def personalize() -> FakePersonalize:
    return FakePersonalize({"daily-category": IDS, "daily-unread": IDS, "": IDS})


@pytest.fixture
def dynamodb() -> FakeDynamo:
    return FakeDynamo(
        {"articles": [article(number) for number in range(300)], "images": [], "settings": []},
        {"articles": "ContentId", "images": "ContentID"},
    )


@pytest.fixture
def make_shop(personalize: FakePersonalize, dynamodb: FakeDynamo, clock: ManualClock) -> Callable[..., Shop]:
    return lambda **changes: Shop(personalize, dynamodb, clock, **changes)


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    return make_shop()


@pytest.fixture
def proxy_event() -> Callable[[str], dict[str, Any]]:
    return lambda name: json.loads((API / "events" / f"{name}.json").read_text())


@pytest.fixture
def app_module() -> ModuleType:
    """The function's app.py under a name of its own: other functions have an app.py too."""
    spec = importlib.util.spec_from_file_location(
        "get_recommendations_app", FUNCTIONS / "get_recommendations" / "app.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

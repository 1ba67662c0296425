"""Connect the two streams to AWS, or to whatever AWS_ENDPOINT_URL names."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from recommendations.application import Clients, build_directory, make_clients
from recommendations.dead_letters import DeadLetters
from recommendations.delivery import Deliverer, Delivery
from recommendations.directory import BackendDirectory
from recommendations.event_calls import ReaderEvent, put_events
from recommendations.exposures import Exposures
from recommendations.logs import error_code, log_event
from recommendations.meters import measure
from recommendations.settings import Settings

from streams.articles import ItemChange, item_change, latest
from streams.events import reader_event
from streams.processor import Processor

ITEMS_PER_CALL = 10  # PutItems' items; documented
WRITE_TIMEOUT_S = 5.0


class NoBackendError(RuntimeError):
    """No active backend takes records: the batch is sent again until there is one."""


def build_processor(
    kind: str, environment: Mapping[str, str], clients: Clients | None = None, **tools: Any
) -> Processor:
    """Put a processor together; `kind` is Events or Items."""
    settings = Settings.from_environment(environment)
    clients = clients or make_clients(settings, WRITE_TIMEOUT_S)
    executor = ThreadPoolExecutor(settings.connections)
    clock, now_epoch_s = tools.get("clock", time.monotonic), tools.get("now_epoch_s", time.time)
    directory = build_directory(settings, clients.dynamodb, clock)
    exposures = Exposures(clients.dynamodb, settings.exposures_table, now_epoch_s)
    steps = {
        "Events": {
            "read": partial(reader_event, app_id=environment.get("APP_ID", "")),
            "plan": partial(plan_events, directory, exposures),
            "delivered": partial(count_conversions, exposures),
        },
        "Items": {
            "read": item_change,
            "plan": partial(plan_items, directory),
            "delivered": lambda entries, failed: None,
        },
    }
    return Processor(
        environment.get("STREAM", ""),
        kind,
        **steps[kind],
        deliverer=Deliverer(clients.events, executor, random=Random(), sleep=tools.get("sleep", time.sleep)),
        dead_letters=DeadLetters(clients.sqs, settings.dead_letter_queue_url),
        patience_s=float(environment.get("PATIENCE_S", "900")),
        now_epoch_s=now_epoch_s,
    )


def plan_events(directory: BackendDirectory, exposures: Exposures, events: list[ReaderEvent]) -> list[Delivery]:
    """Plan the calls for events, each to every active tracker; the same event twice in a batch is one.

    Errors: NoBackendError.
    """
    backends = directory.everywhere()
    if not any(backend.tracker_id for backend in backends):
        raise NoBackendError("no active backend has an event tracker: run the pipeline")
    unique = list({event.event["eventId"]: event for event in events}.values())
    arms = {rid: arm_of(exposures, rid) for rid in {event.recommendation_id for event in unique} if rid}
    return list(put_events(unique, backends, arms))


def plan_items(directory: BackendDirectory, changes: list[ItemChange]) -> list[Delivery]:
    """Plan the calls for articles, each to every active items dataset.

    Errors: NoBackendError.
    """
    datasets = dict.fromkeys(backend.dataset_arn for backend in directory.everywhere() if backend.dataset_arn)
    if not datasets:
        raise NoBackendError("no active backend has an items dataset: run the pipeline")
    unique = latest(changes)
    parts = [unique[start : start + ITEMS_PER_CALL] for start in range(0, len(unique), ITEMS_PER_CALL)]
    return [
        Delivery(
            "PutItems",
            (("datasetArn", dataset),),
            tuple(dict(change.item) for change in part),
            tuple(change.sources[-1] for change in part),
        )
        for dataset in datasets
        for part in parts
    ]


def arm_of(exposures: Exposures, recommendation_id: str) -> str:
    """Say which arm made a list; "" when that is not known, or cannot be told now."""
    try:
        return exposures.arm_of(recommendation_id)
    except (BotoCoreError, ClientError) as error:
        log_event("warning", "exposure_not_read", error=error_code(error))
        return ""


def count_conversions(exposures: Exposures, events: list[ReaderEvent], failed: set[str]) -> None:
    """Count the lists of which an article was read, each once."""
    for event in events:
        if event.recommendation_id and event.source not in failed:
            try:
                arm = exposures.arm_of(event.recommendation_id)
                if arm and exposures.followed(event.recommendation_id):
                    measure("Conversions", 1, arm)
            except (BotoCoreError, ClientError) as error:
                log_event("warning", "conversion_not_counted", error=error_code(error))

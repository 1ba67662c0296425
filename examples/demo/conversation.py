"""Ask for a reader, let the reader read on, and ask again: the list changes."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from examples.demo.asking import Question, ask
from examples.demo.catalogue import Reader, Reading, Work, count_readers, load_readers
from examples.demo.choosing import choose_next_reads, choose_reader, find_reader
from examples.demo.datasets import DataSet
from examples.demo.errors import DemoError
from examples.demo.journal import Journal
from examples.demo.shell import Shell
from examples.demo.tables import readings_table, recommendations_table
from examples.demo.typed import spread_json

HISTORY_SHOWN = 8
CHANGE_LIMIT_S = 30
PAGE_VIEW_GAP_S = 60


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, with which key, and where a reader's events go."""

    url: str
    api_key: str
    tracking_id: str


def converse(shell: Shell, data_set: DataSet, endpoint: Endpoint, journal: Journal, reader_id: str | None) -> Question:
    """Show what a reader read and is recommended, what the reader reads next, and what changes; give the question.

    Errors: DemoError when nothing is recommended, or nothing changes.
    """
    works = data_set.works()
    readers = journal.extend(load_readers(data_set.folder / "Interactions" / "interactions.csv", data_set.event_type))
    category = data_set.category
    if reader_id:
        reader = find_reader(readers, reader_id)
    else:
        reader = choose_reader(readers, works, category, data_set.visitor_type)
    question = _introduce(shell, data_set, endpoint, reader, works)

    shell.screen.say(f"What does the API recommend on a page of the section {category}?")
    first = ask(shell, question)
    shown = [item["content_id"] for item in first]
    if not shown:
        raise DemoError("The API recommends nothing.")
    shell.screen.show(recommendations_table(first, works, int(time.time())))

    next_reads = choose_next_reads(reader, works, count_readers(readers), category, shown)
    shell.screen.say(f"The {data_set.reader_word} turns to something new:")
    for work in next_reads:
        shell.screen.say(f"· {work.title}")
    readings = _one_after_the_other(next_reads, int(time.time()))
    send_events(shell, data_set, endpoint.tracking_id, reader.user_id, readings)
    journal.add(reader.user_id, readings)
    shell.screen.say("The same question again:")
    second = ask_until_changed(shell, question, shown)
    now_epoch_s, thread = int(time.time()), next_reads[0].thread
    shell.screen.show(recommendations_table(second, works, now_epoch_s, before=shown, thread=thread))
    return question


def _introduce(shell: Shell, data_set: DataSet, endpoint: Endpoint, reader: Reader, works: dict[str, Work]) -> Question:
    """Show the reader's history; the question is asked from the page read last."""
    history = f"{len(reader.readings)} {data_set.works_word}"
    shell.screen.say(f"{reader.user_id}, a {data_set.reader_word} with a history of {history}, lately:")
    latest = reader.latest(HISTORY_SHOWN)
    shell.screen.show(readings_table(latest, works, int(time.time())))
    return Question(
        url=endpoint.url,
        api_key=endpoint.api_key,
        user_id=reader.user_id,
        visitor_type=reader.visitor_type.lower(),
        section=f"/{data_set.category}/",
        last_content_id=latest[0].item_id,
    )


def _one_after_the_other(works: Sequence[Work], now_epoch_s: int) -> list[Reading]:
    """Read the works a minute apart, the last one now."""
    return [
        Reading(work.item_id, now_epoch_s - PAGE_VIEW_GAP_S * (len(works) - row))
        for row, work in enumerate(works, start=1)
    ]


def send_events(shell: Shell, data_set: DataSet, tracking_id: str, user_id: str, readings: Sequence[Reading]) -> None:
    """Send one event per reading, in one call and one session."""
    properties = json.dumps(data_set.properties(), separators=(",", ":"))
    events = [
        {
            "eventType": data_set.event_type,
            "itemId": reading.item_id,
            "sentAt": reading.epoch_s,
            **({"properties": properties} if data_set.properties() else {}),
        }
        for reading in readings
    ]
    session_id = f"demo-{readings[-1].epoch_s}"
    options = ["--tracking-id", tracking_id, "--session-id", session_id, "--user-id", user_id]
    event_list = spread_json(events, shell.screen.command_width)
    shell.run("aws", "personalize-events", "put-events", *options, "--event-list", event_list)


def ask_until_changed(shell: Shell, question: Question, before: Sequence[str]) -> list[dict[str, Any]]:
    """Ask again until the list is another; events take a second or two to count.

    Errors: DemoError when it stays the same.
    """
    limit = time.monotonic() + CHANGE_LIMIT_S
    items = ask(shell, question)
    while [item["content_id"] for item in items] == list(before):
        if time.monotonic() > limit:
            raise DemoError(f"The recommendations have not changed within {CHANGE_LIMIT_S} seconds of the events.")
        time.sleep(1.0)
        items = ask(shell, question, quiet=True)
    return items

"""The generated newspaper: same bytes, true to its schemas, life-like in the ways a recommender can learn from."""

import csv
import hashlib
import json
import tracemalloc
from collections import Counter, defaultdict
from itertools import pairwise
from math import log2
from pathlib import Path

import pytest

from examples.demo.datasets import NewsroomData
from examples.newsroom import NewsroomSettings, write_newsroom
from examples.newsroom.__main__ import main
from examples.newsroom.articles import next_parts, plan_articles
from examples.newsroom.settings import ARCHIVE_DAYS, DAY_S, ITEM_DAYS, READING_DAYS, parse_end
from examples.newsroom.write import INTERACTION_COLUMNS, ITEM_COLUMNS

END = parse_end("2026-11-23T12:00:00Z")
EVENTS = 20_000


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory):
    return write_newsroom(NewsroomSettings(EVENTS, 7, END), tmp_path_factory.mktemp("newsroom"))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def events(newsroom):
    return read_csv(newsroom.interactions)


@pytest.fixture(scope="module")
def items(newsroom):
    return {row["ITEM_ID"]: row for row in read_csv(newsroom.items)}


@pytest.fixture(scope="module")
def content(newsroom):
    return {row["ContentId"]: row for row in read_lines(newsroom.content)}


@pytest.fixture(scope="module")
def histories(events):
    found = defaultdict(list)
    for event in events:
        found[event["USER_ID"]].append(event)
    return found


def digest(files) -> str:
    paths = (files.interactions, files.items, files.content, files.images)
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def test_same_seed_and_end_give_the_same_bytes(newsroom, tmp_path):
    again = write_newsroom(NewsroomSettings(EVENTS, 7, END), tmp_path)
    assert digest(again) == digest(newsroom)


@pytest.mark.parametrize("settings", [NewsroomSettings(EVENTS, 8, END), NewsroomSettings(EVENTS, 7, END + 3600)])
def test_another_seed_or_end_gives_another_newspaper(newsroom, tmp_path, settings):
    assert digest(write_newsroom(settings, tmp_path)) != digest(newsroom)


def test_exactly_the_wanted_number_of_page_views(newsroom, events):
    assert len(events) == newsroom.event_count == EVENTS
    assert len({event["USER_ID"] for event in events}) == newsroom.reader_count


def test_interactions_are_in_the_newspapers_schema(newsroom, events):
    header = newsroom.interactions.read_text(encoding="utf-8").split("\n", 1)[0]
    assert header.split(",") == list(INTERACTION_COLUMNS)
    for event in events:
        assert event["USER_ID"] and event["ITEM_ID"] and int(event["TIMESTAMP"])
        assert event["EVENT_TYPE"] == "page_view"
        assert event["visitor_type"] in ("Anonymous", "Registered", "Subscribed")
        assert event["device_detector_visitorplatform"] in ("Mobile", "Desktop", "Tablet")


def test_items_are_in_the_newspapers_schema(newsroom, items):
    header = newsroom.items.read_text(encoding="utf-8").split("\n", 1)[0]
    assert header.split(",") == list(ITEM_COLUMNS)
    assert len(items) == newsroom.item_count
    for item in items.values():
        assert item["Category"] and item["Exclude"] in "01"
        assert 0 < int(item["WordCount"]) == len(item["ContentText"].split())
        assert len(item["ContentText"]) < 20_000


def test_every_record_is_one_physical_line(newsroom):
    lines = newsroom.items.read_text(encoding="utf-8").splitlines()
    assert len(lines) == newsroom.item_count + 1
    assert not any('""' in line for line in lines)


def test_page_views_fill_the_week_before_the_end(events):
    moments = [int(event["TIMESTAMP"]) for event in events]
    assert END - READING_DAYS * DAY_S <= min(moments) < END - (READING_DAYS - 0.2) * DAY_S
    assert END - 0.2 * DAY_S < max(moments) < END


def test_articles_are_of_the_last_weeks(items, content):
    moments = [int(item["CREATION_TIMESTAMP"]) for item in items.values()]
    assert min(moments) >= END - ITEM_DAYS * DAY_S and max(moments) < END
    assert min(row["PublishedDate"] for row in content.values()) >= "2026-11-02 12:00:00"
    assert ARCHIVE_DAYS > ITEM_DAYS


def test_nothing_is_read_before_it_is_published(events, items):
    for event in events:
        item = items.get(event["ITEM_ID"])
        assert item is None or int(item["CREATION_TIMESTAMP"]) < int(event["TIMESTAMP"])


def test_each_reader_is_written_in_order_of_time(histories):
    for history in histories.values():
        moments = [int(event["TIMESTAMP"]) for event in history]
        assert moments == sorted(moments)


def test_readers_are_written_one_after_the_other(events):
    switches = sum(a["USER_ID"] != b["USER_ID"] for a, b in pairwise(events))
    assert switches == len({event["USER_ID"] for event in events}) - 1


def test_some_are_read_that_items_does_not_know_and_some_are_not_read_yet(events, items, content):
    read = {event["ITEM_ID"] for event in events}
    absent = [event for event in events if event["ITEM_ID"] not in items]
    assert 0.005 < len(absent) / len(events) < 0.15
    assert all(event["ITEM_ID"] in content for event in absent)
    unread = [item for item_id, item in items.items() if item_id not in read]
    assert unread and max(int(item["CREATION_TIMESTAMP"]) for item in unread) > END - DAY_S


def test_sponsored_horoscope_and_hidden_articles_are_excluded(items, content):
    for item_id, item in items.items():
        row = content[item_id]
        hidden = (
            row["Sponsored"] or row["Section"] == "life/horoscopes" or {"omit", "zerocanada"} & set(row["Keywords"])
        )
        assert item["Exclude"] == str(int(bool(hidden)))
    assert {"0", "1"} == {item["Exclude"] for item in items.values()}
    assert any(row["Sponsored"] for row in content.values())


def test_content_rows_have_every_field_of_the_content_table(content):
    fields = "Title Deck Byline Category Section Keywords State CanonicalURL CreditLine Ownership Sponsored ContentId"
    fields += " ContentType ContentRestriction PublishedDate WordCount Caption UpdatedDate Label"
    for row in content.values():
        assert set(row) == set(fields.split())
        assert row["CanonicalURL"].startswith(f"/{row['Section']}/article-") and row["CanonicalURL"].endswith("/")
        assert row["Section"].split("/")[0] == row["Category"]
        assert row["PublishedDate"] <= row["UpdatedDate"] <= "2026-11-23 12:00:00"
        assert isinstance(row["Byline"], list) and row["Byline"]


def test_titles_are_all_different_and_complete(content):
    titles = Counter(row["Title"] for row in content.values())
    assert titles.most_common(1)[0][1] == 1
    assert not any("{" in title or title != title.strip() or title[0].islower() for title in titles)


def test_some_articles_have_no_pictures(newsroom, content):
    images = {row["ContentID"]: row for row in read_lines(newsroom.images)}
    assert 0.8 < len(images) / len(content) < 1
    assert any(not row["PictureRel"] for row in images.values())
    assert images.keys() <= content.keys()


def test_anonymous_readers_have_short_histories(histories):
    lengths = defaultdict(list)
    for history in histories.values():
        lengths[history[0]["visitor_type"]].append(len(history))
    means = {kind: sum(counts) / len(counts) for kind, counts in lengths.items()}
    assert means["Anonymous"] < 5 < means["Registered"] < means["Subscribed"]


def test_days_have_a_rhythm(events):
    local_hours = Counter((int(event["TIMESTAMP"]) - 5 * 3600) // 3600 % 24 for event in events)
    assert local_hours[3] * 5 < local_hours[8]


def test_storylines_are_published_in_order():
    articles = plan_articles(NewsroomSettings(EVENTS, 7, END))
    following = [
        (articles[row], articles[next_row]) for row, next_row in enumerate(next_parts(articles)) if next_row >= 0
    ]
    assert len(following) > 100
    for article, after in following:
        assert (after.story, after.part) == (article.story, article.part + 1)
        assert after.published_epoch_s > article.published_epoch_s


def ndcg_at_10(ranked: list[str], wanted: str) -> float:
    return 1 / log2(ranked.index(wanted) + 2) if wanted in ranked[:10] else 0.0


def test_what_comes_next_is_learnable_beyond_popularity(histories):
    """The last page view of regular readers, held out: what others read next against what all read most."""
    held_out = {user: history for user, history in histories.items() if len(history) >= 8}
    train = {user: history[:-1] if user in held_out else history for user, history in histories.items()}
    popular, after = Counter(), defaultdict(Counter)
    for history in train.values():
        popular.update(event["ITEM_ID"] for event in history)
        for now, then in pairwise(event["ITEM_ID"] for event in history):
            after[now][then] += 1
    by_popularity, by_sequence = 0.0, 0.0
    for user, history in held_out.items():
        seen, wanted = {event["ITEM_ID"] for event in train[user]}, history[-1]["ITEM_ID"]
        follow_ups = [item for item, _ in after[history[-2]["ITEM_ID"]].most_common() if item not in seen]
        by_sequence += ndcg_at_10(follow_ups, wanted)
        by_popularity += ndcg_at_10([item for item, _ in popular.most_common(200) if item not in seen], wanted)
    assert 2.5 < by_sequence / by_popularity < 20
    assert 0.1 < by_sequence / len(held_out) < 0.5


def test_memory_does_not_grow_with_the_number_of_page_views(tmp_path, monkeypatch):
    monkeypatch.setattr("examples.newsroom.readers.BATCH_READERS", 256)  # some 2,700 page views
    peaks = []
    for count in (5_000, 30_000):
        tracemalloc.start()
        write_newsroom(NewsroomSettings(count, 7, END), tmp_path / str(count))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.6 * peaks[0]


def test_command_line_writes_a_newspaper(tmp_path, capsys):
    assert main(["--events", "1000", "--end", "2026-11-23T12:00:00Z", "--out", str(tmp_path)]) == 0
    assert "1,000 page views" in capsys.readouterr().out
    assert len(read_csv(tmp_path / "Interactions" / "interactions.csv")) == 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--events", "10"], "newsroom: events must be between 1,000 and 20,000,000, not 10"),
        (["--seed", "-1"], "newsroom: the seed must not be negative, not -1"),
    ],
)
def test_command_line_refuses_what_it_cannot_do(tmp_path, capsys, arguments, message):
    assert main([*arguments, "--end", "2026-11-23T12:00:00Z", "--out", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err


def test_an_end_without_zone_is_utc():
    assert parse_end("2026-11-23T12:00:00") == parse_end("2026-11-23T07:00:00-05:00") == END


def test_the_demo_tells_stories_from_single_pieces(newsroom):
    folder = newsroom.interactions.parents[1]
    threads = Counter(work.thread for work in NewsroomData(folder, folder / "params.json").works().values())
    articles = plan_articles(NewsroomSettings(EVENTS, 7, END))
    singles = [article for article in articles if article.story < 0 and article.beat != "horoscopes"]
    assert all(threads[article.content_id] == 1 for article in singles)
    assert sum(count > 3 for count in threads.values()) > 20

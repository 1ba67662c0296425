"""The data that the quality benchmark runs on: from this repository, from paths, or generated."""

from __future__ import annotations

import csv
import tempfile
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.quality_words import COMMON, TOPICS
from examples.newsroom.settings import NewsroomSettings, parse_end
from examples.newsroom.write import write_newsroom
from personalize_local.evaluation.data import Data, data_from_arrays, with_context, with_enough_events
from personalize_local.evaluation.files import data_without_times, read_data
from personalize_local.store.tables import MetadataTable

MOVIELENS = Path(__file__).parent.parent / "examples" / "movielens"
NEWSROOM_END = "2026-01-31T00:00:00Z"
NEWSROOM_CONTEXT = ("visitor_type", "visitor_countrycode", "device_detector_visitorplatform")
ML1M_SOURCE = "https://grouplens.org/datasets/movielens/1m/"
IDEA_SOURCE = "https://github.com/Informfully/Datasets (ratings.csv, MIT licence)"
TOPICS_BEGIN = 1_760_000_000
TRUNCATED = ("train-input.txt", "val-input.txt", "val-output.txt")


class MissingDataError(Exception):
    """A data set that may not be shipped is not where it was said to be; the message says where to get it."""


@dataclass(frozen=True)
class Places:
    """Where data lies that this repository does not hold: MovieLens-1M, IDEA's news, MovieLens' tags.csv."""

    ml1m: Path | None = None
    idea_news: Path | None = None
    tags: Path | None = None


def ml1m(places: Places) -> tuple[Data, bool]:
    """Read MovieLens-1M; tell whether it is whole. A folder of pre-split files lacks every user's last two events.

    Errors: MissingDataError without a path.
    """
    path = places.ml1m
    if path is None or not path.exists():
        raise MissingDataError(f"MovieLens-1M may not be redistributed: get ml-1m.zip from {ML1M_SOURCE}, --ml1m PATH.")
    if path.is_dir():
        return _truncated(path), False
    data = replace(read_data(path), name="MovieLens-1M")
    has_times = not data.notes
    return (with_enough_events(data, 5) if has_times else data), True


def _truncated(folder: Path) -> Data:
    """Put the pre-split training files together: 512 users' histories reach one event further than the others'."""
    if missing := [name for name in TRUNCATED if not (folder / name).exists()]:
        raise MissingDataError(f"{folder} has no {', '.join(missing)}.")
    lines, validation = (_sequences(folder / name) for name in TRUNCATED[:2])
    longer = {history[:-1]: history for history in validation}
    histories = [longer.get(history, history) for history in lines]
    users = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    data = data_without_times("MovieLens-1M, truncated", users, np.concatenate([np.array(each) for each in histories]))
    note = "TRUNCATED: the last two events of every user are missing, the last remaining one is asked for"
    return replace(data, notes=(note, *data.notes))


def _sequences(path: Path) -> list[tuple[int, ...]]:
    return [tuple(map(int, line.split())) for line in path.read_text(encoding="utf-8").splitlines()]


def movielens_small() -> Data:
    """Read the file of AWS's sample: each rating above 1 a click, each above 3 also a watch."""
    return replace(
        read_data(MOVIELENS / "Interactions" / "interactions.csv", MOVIELENS / "Items" / "items.csv"),
        name="MovieLens latest small",
    )


def movielens_with_text(places: Places) -> Data:
    """Give the same with a text for each film: its title and genres, and its tags where tags.csv is given."""
    data = movielens_small()
    texts = defaultdict(list)
    with (MOVIELENS / "movies.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            texts[row["movieId"]] += [row["title"], row["genres"].replace("|", " ")]
    if places.tags is not None:
        with places.tags.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                texts[row["movieId"]].append(row["tag"])
    column = np.array([" ".join(texts[item]) or None for item in data.items.ids], dtype=object)
    table = MetadataTable(data.items.ids, {**data.items.columns, "TEXT": column})
    note = f"text: title, genres{', tags' if places.tags else ''}"
    return replace(data, items=table, textual_columns=("TEXT",), categorical_columns=(), notes=(*data.notes, note))


def idea_news(places: Places) -> Data:
    """Read IDEA's likes and dislikes of news, three weeks of 2023. Errors: MissingDataError without a path."""
    path = places.idea_news
    if path is None or not path.exists():
        raise MissingDataError(f"IDEA's news: get ratings.csv from {IDEA_SOURCE}, --idea-news PATH.")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    times = [datetime.fromisoformat(row["createdAt"]).replace(tzinfo=UTC).timestamp() for row in rows]
    users, items = ([row[name] for row in rows] for name in ("informfully_id", "articleId"))
    kinds = ["like" if row["articleAnswer"] == "1" else "dislike" for row in rows]
    return data_from_arrays("IDEA news", users, items, times, kinds)


def newsroom(event_count: int) -> Data:
    """Generate the newspaper of the demo: articles that live two days, with text and section; requests know context."""
    with tempfile.TemporaryDirectory(prefix="newsroom-") as folder:
        files = write_newsroom(NewsroomSettings(event_count, 7, parse_end(NEWSROOM_END)), Path(folder))
        data = with_context(read_data(files.interactions, files.items), NEWSROOM_CONTEXT)
    return replace(data, name=f"newsroom, {event_count:,} events")


def topics(seed: int = 5, user_count: int = 1500, item_count: int = 3000, events_per_user: int = 24) -> Data:
    """Generate items whose topic stands in their words alone, a hundred new ones a day, each read for five days.

    An item has one of 24 topics; of its 30 words, half are of the 60 of its topic, the rest of 400 that all share. A
    user likes three topics; of what is out at a moment, an item is read by e³ as often by those who like its topic, and
    less often as it ages. There is no category, and no event type.
    """
    rng = np.random.default_rng(seed)
    topic, born, data = _read_by_topic(rng, 24, user_count, item_count, events_per_user)
    words = [
        " ".join([*(f"topic{topic[item]}word{word}" for word in rng.integers(60, size=15)),
                  *(f"common{word}" for word in rng.integers(400, size=15))])
        for item in range(item_count)
    ]  # fmt: skip
    return _told(replace(data, name="topics in words"), words, born)


def meanings(seed: int = 5, user_count: int = 1500, item_count: int = 600, events_per_user: int = 24) -> Data:
    """Generate the same with 12 topics and English words; twenty new items a day, few to learn each word from.

    Of an item's 8 words, 4 are of the 40 of its topic, see quality_words.py, the rest of 80 that all share.
    """
    rng = np.random.default_rng(seed)
    topic, born, data = _read_by_topic(rng, len(TOPICS), user_count, item_count, events_per_user)
    own, common = [words.split() for words in TOPICS.values()], COMMON.split()
    words = [
        " ".join([*rng.choice(own[topic[item]], 4, replace=False), *rng.choice(common, 4, replace=False)])
        for item in range(item_count)
    ]
    return _told(replace(data, name="topics in meanings"), words, born)


def _read_by_topic(
    rng: np.random.Generator, topic_count: int, user_count: int, item_count: int, events_per_user: int
) -> tuple[np.ndarray, np.ndarray, Data]:
    """Give each item's topic [items], the day it comes out [items], and who read it when."""
    days, life = 30.0, 5.0
    topic = rng.integers(topic_count, size=item_count)
    born = np.sort(rng.uniform(-life, days, item_count))
    likes = np.zeros((user_count, topic_count))
    for user in range(user_count):
        likes[user, rng.choice(topic_count, 3, replace=False)] = 3.0
    quality = rng.normal(0.0, 0.7, item_count)
    users, items, times = [], [], []
    for user in range(user_count):
        for moment in np.sort(rng.uniform(0.0, days, events_per_user)):
            out = np.flatnonzero((born <= moment) & (born > moment - life))
            appeal = likes[user, topic[out]] + quality[out] - (moment - born[out])
            items.append(int(rng.choice(out, p=np.exp(appeal) / np.exp(appeal).sum())))
            users.append(user)
            times.append(TOPICS_BEGIN + int(moment * 86_400))
    data = data_from_arrays("topics", [f"u{user}" for user in users], [f"i{item}" for item in items], times)
    return topic, born, data


def _told(data: Data, texts: list[str], born: np.ndarray) -> Data:
    """Give items their texts, and the time they came out."""
    order = np.argsort([f"i{item}" for item in range(len(texts))])
    ids = np.array([f"i{item}" for item in order], dtype=object)
    created = np.array([TOPICS_BEGIN + born[item] * 86_400 for item in order])
    columns = {"TEXT": np.array([texts[item] for item in order], dtype=object), "CREATION_TIMESTAMP": created}
    return replace(data, items=MetadataTable(ids, columns), textual_columns=("TEXT",))

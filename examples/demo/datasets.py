"""The two kinds of data the walk can take: the generated newspaper and MovieLens."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from examples.demo.catalogue import Work

_YEAR = re.compile(r"\s*\((\d{4})[^)]*\)\s*$")
_ARTICLE_LAST = re.compile(r"^([^()]+), (The|A|An)(?=$| \()")


class DataSet(Protocol):
    """What the walk asks of its data. `folder` holds Items/ and Interactions/; `category` is the section asked for."""

    name: str
    folder: Path
    parameters_file: Path
    category: str
    event_type: str
    visitor_type: str
    reader_word: str
    works_word: str
    has_images: bool

    def works(self) -> dict[str, Work]: ...

    def content_rows(self) -> Iterator[dict[str, Any]]: ...

    def image_rows(self) -> Iterator[dict[str, Any]]: ...

    def properties(self) -> dict[str, str]: ...


def group_name(data_set: DataSet) -> str:
    """Give the dataset group that the parameter file names."""
    return json.loads(data_set.parameters_file.read_text(encoding="utf-8"))["datasetGroup"]["name"]


def campaign_name(data_set: DataSet) -> str:
    """Give the full name of the personalising campaign."""
    parameters = json.loads(data_set.parameters_file.read_text(encoding="utf-8"))
    return f"{group_name(data_set)}-{parameters['campaigns']['userPersonalizationCampaign']['name']}"


def solution_name(data_set: DataSet) -> str:
    """Give the full name of the personalising solution."""
    parameters = json.loads(data_set.parameters_file.read_text(encoding="utf-8"))
    return f"{group_name(data_set)}-{parameters['solutions']['userPersonalization']['name']}"


@dataclass(frozen=True)
class NewsroomData:
    """The newspaper that `examples.newsroom` writes."""

    folder: Path
    parameters_file: Path
    name: str = "newsroom"
    category: str = "canada"
    event_type: str = "page_view"
    visitor_type: str = "Subscribed"
    reader_word: str = "subscriber"
    works_word: str = "articles"
    has_images: bool = True

    def works(self) -> dict[str, Work]:
        offered = {row["ITEM_ID"]: row for row in _read_csv(self.folder / "Items" / "items.csv")}
        return {row["ContentId"]: self._work(row, offered.get(row["ContentId"])) for row in self.content_rows()}

    def content_rows(self) -> Iterator[dict[str, Any]]:
        return _read_lines(self.folder / "content" / "content.jsonl")

    def image_rows(self) -> Iterator[dict[str, Any]]:
        return _read_lines(self.folder / "content" / "images.jsonl")

    def properties(self) -> dict[str, str]:
        return {"visitor_type": self.visitor_type, "device_detector_visitorPlatform": "Desktop"}

    def _work(self, row: dict[str, Any], item: dict[str, str] | None) -> Work:
        published = datetime.strptime(row["PublishedDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        is_single = row["Label"].lower().replace(" ", "-") == row["Category"]  # instalments bear their story's label
        story = "/".join([row["Section"], row["Label"], *row["Keywords"]])
        return Work(
            item_id=row["ContentId"],
            title=row["Title"],
            section=row["Section"],
            categories=(row["Category"],),
            thread=row["ContentId"] if is_single else story,
            published_epoch_s=int(published.timestamp()),
            hidden=item is None or item["Exclude"] == "1",
        )


@dataclass(frozen=True)
class MovielensData:
    """MovieLens latest small. Films have genres for sections, and no date but the year."""

    folder: Path
    parameters_file: Path
    name: str = "movielens"
    category: str = "Comedy"
    event_type: str = "watch"
    visitor_type: str = ""
    reader_word: str = "viewer"
    works_word: str = "films"
    has_images: bool = False

    def works(self) -> dict[str, Work]:
        return {row["movieId"]: self._work(row) for row in self._movies()}

    def content_rows(self) -> Iterator[dict[str, Any]]:
        """Give rows of the content table: genres for keywords, the first of them for category and section."""
        for row in self._movies():
            title, year = _title_and_year(row["title"])
            genres = _genres(row["genres"])
            yield {
                "ContentId": row["movieId"],
                "Title": title,
                "Deck": f"A film of {year}." if year else "A film.",
                "Byline": [],
                "Category": genres[0],
                "Section": " · ".join(genres),
                "Keywords": list(genres),
                "State": "published",
                "CanonicalURL": f"/films/{row['movieId']}/",
                "ContentType": "film",
                "ContentRestriction": "green",
                "Sponsored": False,
                "PublishedDate": f"{year}-01-01 00:00:00" if year else "",
                "Label": year,
            }

    def image_rows(self) -> Iterator[dict[str, Any]]:
        return iter(())

    def properties(self) -> dict[str, str]:
        return {}

    def _movies(self) -> list[dict[str, str]]:
        return _read_csv(self.folder / "movies.csv")

    def _work(self, row: dict[str, str]) -> Work:
        title, year = _title_and_year(row["title"])
        genres = _genres(row["genres"])
        return Work(row["movieId"], title, " · ".join(genres), genres, "|".join(genres), year=year)


def _title_and_year(text: str) -> tuple[str, str]:
    """Split "Dictator, The (2012)" into "The Dictator" and "2012"; a film without a year keeps its title."""
    found = _YEAR.search(text)
    title, year = (text[: found.start()], found[1]) if found else (text.strip(), "")
    return _ARTICLE_LAST.sub(r"\2 \1", title), year


def _genres(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)

"""Rows of the tables to fields of the reply."""

import json
from decimal import Decimal
from typing import Any

import pytest
from recommendations.conversion import to_recommendation

CONTENT = {
    "ContentId": "K7Q2",
    "Title": "Harbour ferry returns",
    "Deck": "Service resumes Monday",
    "Byline": ["A. Roy", "B. Chen"],
    "Category": "canada",
    "Section": "canada/atlantic",
    "CanonicalURL": "/canada/article-harbour-ferry/",
    "CreditLine": "Staff",
    "ContentType": "news",
    "ContentRestriction": "green",
    "Label": "Transit",
    "PublishedDate": "2021-11-02 09:15:00",
    "UpdatedDate": "2021-11-02 10:00:00",
    "WordCount": Decimal(412),
    "Keywords": ["ferry"],
    "State": "published",
    "Ownership": "own",
    "Sponsored": False,
    "Caption": "The ferry",
    "ContentText": "never sent",
}
IMAGE = {
    "ContentID": "K7Q2",
    "AuthorRel": [{"url220": "https://img/a220.png", "url110": "x"}, {"url220": "second"}],
    "PictureRel": [{"url220": "https://img/p220.jpg"}],
    "StoryRel": [{"id": Decimal(7)}],
}

FRONT_END_STRINGS = (
    *("published_at", "updated_at", "url", "title", "deck", "byline"),
    *("content_type", "protection_product", "label"),
)


def test_a_whole_row():
    assert to_recommendation(CONTENT, IMAGE) == {
        "content_id": "K7Q2",
        "title": "Harbour ferry returns",
        "deck": "Service resumes Monday",
        "byline": "A. Roy and B. Chen",
        "category": "canada",
        "section_meta_title": "canada/atlantic",
        "url": "/canada/article-harbour-ferry/",
        "credit": "Staff",
        "content_type": "news",
        "protection_product": "green",
        "label": "Transit",
        "published_at": "2021-11-02 09:15:00",
        "updated_at": "2021-11-02 10:00:00",
        "word_count": 412,
        "keywords": ["ferry"],
        "state": "published",
        "ownership": "own",
        "sponsored": False,
        "caption": "The ferry",
        "author_rel": [{"url220": "https://img/a220.png"}],
        "picture_rel": [{"url220": "https://img/p220.jpg"}],
        "story_rel": [{"id": 7}],
        "promo_image": {"urls": {"220": "https://img/p220.jpg"}},
    }


def test_a_row_with_nothing_in_it_has_every_field_in_its_shape():
    empty = to_recommendation({"ContentId": "K7Q2"}, {})
    assert empty.keys() == to_recommendation(CONTENT, IMAGE).keys()
    for name in [
        "published_at",
        "updated_at",
        "url",
        "title",
        "deck",
        "byline",
        "content_type",
        "protection_product",
        "label",
    ]:
        assert empty[name] == ""
    assert empty["author_rel"] == empty["picture_rel"] == [{}]
    assert empty["promo_image"] == {"urls": {}}
    assert (empty["story_rel"], empty["keywords"], empty["word_count"], empty["sponsored"]) == ([], [], None, False)


def test_pictures_may_stand_in_the_content_row():
    reply = to_recommendation({**CONTENT, **IMAGE}, {})
    assert reply["promo_image"]["urls"]["220"] == "https://img/p220.jpg"


@pytest.mark.parametrize(
    ("value", "byline"),
    [
        ([], ""),
        (None, ""),
        ("A. Roy", "A. Roy"),
        (["A. Roy"], "A. Roy"),
        (["A", "B", "C"], "A and B and C"),
        (["", None, "B"], "B"),
        ({"B", "A"}, "A and B"),
    ],
)
def test_bylines(value: Any, byline: str):
    assert to_recommendation({"Byline": value}, {})["byline"] == byline


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (Decimal("412"), 412),
        (Decimal("4.5"), 4.5),
        (Decimal("4E+2"), 400),
        ("12", 12),
        ("many", None),
        ("NaN", None),
        (None, None),
        ([], None),
    ],
)
def test_word_counts(value: Any, count: int | float | None):
    found = to_recommendation({"WordCount": value}, {})["word_count"]
    assert found == count and type(found) is type(count)


@pytest.mark.parametrize(
    ("value", "label"), [(None, ""), (Decimal(7), "7"), (True, "True"), (["a", "b"], "a, b"), ({"b", "a"}, "a, b")]
)
def test_labels_are_strings(value: Any, label: str):
    assert to_recommendation({"Label": value}, {})["label"] == label


@pytest.mark.parametrize(
    ("value", "sponsored"),
    [
        (True, True),
        (False, False),
        (None, False),
        (Decimal(1), True),
        (Decimal(0), False),
        ("false", False),
        ("yes", True),
    ],
)
def test_sponsored_is_a_flag(value: Any, sponsored: bool):
    assert to_recommendation({"Sponsored": value}, {})["sponsored"] is sponsored


@pytest.mark.parametrize("value", [None, [], "x", [{}], [{"url110": "x"}], [{"url220": ""}], ["x"], {}])
def test_pictures_that_are_none(value: Any):
    reply = to_recommendation(CONTENT, {"AuthorRel": value, "PictureRel": value})
    assert reply["author_rel"] == reply["picture_rel"] == [{}]
    assert reply["promo_image"] == {"urls": {}}


def test_the_reply_is_plain_json():
    row = {name: {Decimal(1), Decimal("2.5")} for name in CONTENT}
    json.dumps(to_recommendation(row, {"StoryRel": [{"a": {"x"}, "b": [Decimal("1.5")]}]}))

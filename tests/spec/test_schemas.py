"""Schemas: the Avro they are read from, and what each type of dataset needs."""

import json

import pytest

from personalize_spec.errors import InvalidInputException
from personalize_spec.schemas import check_schema, dataset_type_of, find_schema_problems, parse_schema
from tests.behaviours import APPROXIMATED, EXACT, behaviour


def column(name: str, kind: object = "string", **flags: object) -> dict[str, object]:
    return {"name": name, "type": kind, **flags}


def schema_text(*fields: object, **members: object) -> str:
    record = {
        "type": "record",
        "name": "DailyReads",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": list(fields),
        "version": "1.0",
    }
    return json.dumps({**record, **members})


USER, ITEM, TIME = column("USER_ID"), column("ITEM_ID"), column("TIMESTAMP", "long")
GENRE = column("GENRES", categorical=True)


@behaviour(
    "CreateSchema",
    "The record may have any name",
    APPROXIMATED,
    source="observed; documented for AWS: that of the dataset type",
)
def test_a_schema_is_read() -> None:
    text = schema_text(
        ITEM, column("Category", ["null", "string"], categorical=True), column("PRICE", ["float", "null"])
    )
    schema = parse_schema(text)
    assert (schema.name, schema.text, schema.columns) == ("DailyReads", text, ("ITEM_ID", "Category", "PRICE"))
    category = schema.field("CATEGORY")
    assert category is not None
    assert (category.name, category.types, category.nullable, category.categorical) == (
        "Category",
        ("string",),
        True,
        True,
    )
    price = schema.field("price")
    assert price is not None
    assert (price.is_numeric, price.nullable) == (True, True)
    assert schema.field("absent") is None


def test_event_properties_find_their_columns() -> None:
    schema = parse_schema(schema_text(ITEM, column("CATEGORY_L1")))
    found = schema.field_for_property("categoryL1")
    assert found is not None
    assert found.name == "CATEGORY_L1"


def test_metadata_are_the_columns_neither_required_nor_reserved() -> None:
    schema = parse_schema(schema_text(USER, ITEM, TIME, column("EVENT_TYPE"), column("DEVICE")))
    assert [field.name for field in schema.metadata_fields("Interactions")] == ["DEVICE"]


@behaviour(
    "CreateSchema",
    "A flat record of plain types; every mistake is named at once",
    EXACT,
    source="documented, contract §3.1",
)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "The schema is not valid JSON"),
        ("[]", "must be an Avro record, an object, not a list"),
        (schema_text(ITEM, type="recrod"), 'type must be "record"'),
        (schema_text(ITEM, name="daily-reads"), "name: The record needs a name"),
        (schema_text(), "needs a list of one or more fields"),
        (schema_text(ITEM, "ITEM"), "fields[1]: A field is an object"),
        (schema_text(column("1st")), "fields[0].name: The field needs a name"),
        (schema_text(column("A", "txt")), "fields[0].type: 'txt' is not a type of Personalize"),
        (schema_text(column("A", "sting")), "Did you mean 'string'?"),
        (schema_text({"name": "A"}), "The field needs a type"),
        (schema_text(column("A", {"type": "array", "items": "string"})), "Nested and binary types are not supported"),
        (schema_text(column("A", "bytes")), "Nested and binary types are not supported"),
        (schema_text(column("A", ["int", "string"])), "one type, or a pair of one type and null"),
        (schema_text(column("A", "null")), "one type, or a pair of one type and null"),
        (schema_text(column("A", "int", categorical=True)), "Only a string field can be categorical"),
        (schema_text(column("A", categorical="true")), "must be true or false, without quotes"),
        (schema_text(column("A", categorical=True, textual=True)), "either categorical or textual"),
        (schema_text(column("GENRES_FIELD_1"), column("GenresField1")), "are one name to Personalize"),
        (schema_text(column("A" * 20_000)), "shorten it to 20000 or fewer"),
        ("[" * 15_000, "Invalid schema."),
    ],
)
def test_a_schema_that_is_no_schema_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInputException) as refusal:
        parse_schema(text)
    assert refusal.value.message.startswith("Invalid schema. ")
    assert message in refusal.value.message


def test_every_mistake_is_named_at_once() -> None:
    data = json.loads(schema_text(column("A", "txt"), column("B", "int", textual=True), type="x"))
    assert [problem.path for problem in find_schema_problems(data)] == ["type", "fields[0].type", "fields[1].textual"]


def test_a_misspelled_attribute_is_a_warning() -> None:
    problems = find_schema_problems(json.loads(schema_text(column("A", categorial=True))))
    assert [(problem.path, problem.warning) for problem in problems] == [("fields[0].categorial", True)]
    assert "Did you mean 'categorical'?" in problems[0].message


@pytest.mark.parametrize(
    ("dataset_type", "domain", "fields"),
    [
        ("Interactions", None, (USER, ITEM, TIME)),
        ("INTERACTIONS", None, (USER, ITEM, TIME, column("EVENT_TYPE"), column("EVENT_VALUE", ["null", "float"]))),
        ("items", None, (ITEM, column("CREATION_TIMESTAMP", "long"))),
        ("Users", None, (USER, column("AGE", "int"))),
        ("Actions", None, (column("ACTION_ID"), column("VALUE", ["long", "null"]))),
        ("Action_Interactions", None, (USER, column("ACTION_ID"), TIME, column("EVENT_TYPE"))),
        ("Items", "ECOMMERCE", (ITEM, column("PRICE", "float"), column("CATEGORY_L1", ["string"], categorical=True))),
        ("Items", "VIDEO_ON_DEMAND", (ITEM, column("CREATION_TIMESTAMP", "long"), GENRE)),
        ("Users", "ECOMMERCE", (USER, column("MEMBERSHIP_STATUS", categorical=True))),
    ],
)
def test_a_schema_that_suits_its_dataset_has_no_problems(dataset_type: str, domain: str, fields: tuple) -> None:
    assert check_schema(parse_schema(schema_text(*fields)), dataset_type, domain) == []


@pytest.mark.parametrize(
    ("dataset_type", "domain", "fields", "problem"),
    [
        ("Interactions", None, (USER, ITEM), 'has no column TIMESTAMP: add {"name": "TIMESTAMP", "type": "long"}'),
        ("Interactions", None, (USER, ITEM, column("timestamp", "long")), "has 'timestamp' where it needs TIMESTAMP"),
        ("Interactions", None, (USER, ITEM, column("TIMESTAMP", "int")), "TIMESTAMP must be of type long, not int"),
        (
            "Interactions",
            None,
            (column("USER_ID", ["null", "string"]), ITEM, TIME),
            "USER_ID is required, so it cannot",
        ),
        ("Interactions", None, (USER, ITEM, TIME, column("EVENT_TYPE", categorical=True)), "cannot be categorical"),
        (
            "Interactions",
            None,
            (USER, ITEM, TIME, *(column(f"M{n}") for n in range(6))),
            "6 metadata columns, and at most 5",
        ),
        (
            "Interactions",
            None,
            (USER, ITEM, TIME, column("BODY", textual=True)),
            "Only an Items schema can have textual",
        ),
        ("Interactions", "ECOMMERCE", (USER, ITEM, TIME), "has no column EVENT_TYPE"),
        ("Items", None, (ITEM,), "needs one or more metadata columns besides ITEM_ID"),
        (
            "Items",
            None,
            (ITEM, column("A", textual=True), column("B", textual=True)),
            "can have one textual column, not 2",
        ),
        ("Items", None, (ITEM, column("CREATION_TIMESTAMP")), "CREATION_TIMESTAMP must be of type long, not string"),
        ("Items", "ECOMMERCE", (ITEM, column("PRICE", "float"), column("CATEGORY_L1")), "must be categorical"),
        ("Items", "VIDEO_ON_DEMAND", (ITEM, column("CREATION_TIMESTAMP", "long")), "has no column GENRES or GENRE_L1"),
        ("Actions", "ECOMMERCE", (column("ACTION_ID"), TIME), "has no Actions dataset"),
        ("Users", None, (USER, *(column(f"M{n}") for n in range(26))), "at most 25 are allowed: remove 1"),
    ],
)
def test_a_schema_that_does_not_suit_says_why(dataset_type: str, domain: str, fields: tuple, problem: str) -> None:
    problems = check_schema(parse_schema(schema_text(*fields)), dataset_type, domain)
    assert len(problems) == 1
    assert problem in problems[0]


def test_dataset_types_are_known_in_any_letter_case() -> None:
    assert dataset_type_of("Action_interactions") == "ACTION_INTERACTIONS"
    with pytest.raises(InvalidInputException, match="Did you mean 'Items'"):
        dataset_type_of("Itms")

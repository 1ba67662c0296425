"""Which columns each type of dataset needs and reserves, as tables.

Source: contract §3.2 (custom dataset groups), §3.3 (domains), §8.1 (numbers).
"""

from __future__ import annotations

from dataclasses import dataclass

from personalize_spec import limits

ACTION_BOUNDS = {"VALUE": (1.0, 10.0), "REPEAT_FREQUENCY": (0.0, 30.0)}  # of reserved columns of Actions, both included
NUMBER = ("float", "double", "int", "long")
STRING = ("string",)
LONG = ("long",)


@dataclass(frozen=True)
class Column:
    """What a known column must be like. `aliases` are other names that serve as well.

    `types`: the Avro types it may have. `categorical`: True where the attribute is needed, False where it is refused.
    """

    name: str
    types: tuple[str, ...]
    categorical: bool | None = None
    nullable: bool = True
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class DatasetRules:
    """The rules for one type of dataset. `label` is the type as the guide writes it."""

    label: str
    required: tuple[Column, ...]
    reserved: tuple[Column, ...]
    max_metadata: int
    needs_metadata: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """The names that are not metadata."""
        return frozenset(name for column in (*self.required, *self.reserved) for name in column.names)


def _needed(name: str, types: tuple[str, ...], categorical: bool | None = None, *aliases: str) -> Column:
    return Column(name, types, categorical, nullable=False, aliases=aliases)


_USER_ID = _needed("USER_ID", STRING, False)
_ITEM_ID = _needed("ITEM_ID", STRING, False)
_ACTION_ID = _needed("ACTION_ID", STRING, False)
_TIMESTAMP = _needed("TIMESTAMP", LONG)
_CREATION_TIMESTAMP = Column("CREATION_TIMESTAMP", LONG)
_IMPRESSION = Column("IMPRESSION", STRING, False)
_RECOMMENDATION_ID = Column("RECOMMENDATION_ID", STRING, False)

DATASET_RULES = {
    "INTERACTIONS": DatasetRules(
        "Interactions",
        (_USER_ID, _ITEM_ID, _TIMESTAMP),
        (
            Column("EVENT_TYPE", STRING, False),
            Column("EVENT_VALUE", NUMBER),
            _IMPRESSION,
            _RECOMMENDATION_ID,
            Column("EVENT_ATTRIBUTION_SOURCE", STRING, False),
        ),
        limits.INTERACTIONS_MAX_METADATA_COLUMNS,
    ),
    "ITEMS": DatasetRules("Items", (_ITEM_ID,), (_CREATION_TIMESTAMP,), limits.ITEMS_MAX_METADATA_COLUMNS, True),
    "USERS": DatasetRules("Users", (_USER_ID,), (), limits.USERS_MAX_METADATA_COLUMNS, True),
    "ACTIONS": DatasetRules(
        "Actions",
        (_ACTION_ID,),
        (
            _CREATION_TIMESTAMP,
            Column("VALUE", LONG),
            Column("TYPE", STRING),
            Column("ACTION_EXPIRATION_TIMESTAMP", LONG, aliases=("EXPIRATION_TIMESTAMP",)),
            Column("REPEAT_FREQUENCY", LONG),
        ),
        limits.ACTIONS_MAX_METADATA_COLUMNS,
        True,
    ),
    "ACTION_INTERACTIONS": DatasetRules(
        "Action_Interactions",
        (_USER_ID, _ACTION_ID, _TIMESTAMP, _needed("EVENT_TYPE", STRING, False)),
        (_IMPRESSION, _RECOMMENDATION_ID),
        limits.ACTION_INTERACTIONS_MAX_METADATA_COLUMNS,
    ),
}

_DOMAIN_EVENTS = (_needed("EVENT_TYPE", STRING, False),)

DOMAIN_REQUIRED = {
    "ECOMMERCE": {
        "INTERACTIONS": _DOMAIN_EVENTS,
        "ITEMS": (_needed("PRICE", ("float",)), _needed("CATEGORY_L1", STRING, True)),
        "USERS": (),
    },
    "VIDEO_ON_DEMAND": {
        "INTERACTIONS": _DOMAIN_EVENTS,
        "ITEMS": (
            _needed("CREATION_TIMESTAMP", LONG),
            _needed("GENRES", STRING, True, "GENRE_L1"),
        ),
        "USERS": (),
    },
}

DOMAIN_RESERVED = {
    "ECOMMERCE": {
        "ITEMS": (
            Column("CATEGORY_L2", STRING),
            Column("CATEGORY_L3", STRING),
            Column("PRODUCT_DESCRIPTION", STRING, False),
            Column("AGE_GROUP", STRING),
            Column("ADULT", STRING),
            Column("GENDER", STRING),
        ),
    },
    "VIDEO_ON_DEMAND": {
        "ITEMS": (
            Column("PRICE", ("float",)),
            Column("DURATION", ("float",)),
            Column("GENRE_L2", STRING),
            Column("GENRE_L3", STRING),
            Column("AVERAGE_RATING", ("float",)),
            Column("PRODUCT_DESCRIPTION", STRING, False),
            Column("CONTENT_OWNER", STRING),
            Column("CONTENT_CLASSIFICATION", STRING),
        ),
    },
}

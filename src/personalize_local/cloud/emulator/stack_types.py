"""The resource types of CloudFormation that are Amazon Personalize's, as data; their properties as members of calls.

Source: the CloudFormation registry's schemas of `AWS::Personalize::*` (documented).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

PREFIX = "AWS::Personalize::"
IMPORT_JOB = "DatasetImportJob"
TAGS = "Tags"


@dataclass(frozen=True)
class StackType:
    """A type: its operations' noun, the properties that cannot change in place, the attributes that others may ask for.

    `is_tagged_in_place` says whether changed tags are put on the resource that there is.
    """

    noun: str
    create_only: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    is_tagged_in_place: bool = False

    @property
    def name(self) -> str:
        return PREFIX + self.noun

    @property
    def arn_property(self) -> str:
        return f"{self.noun}Arn"

    @property
    def arn_member(self) -> str:
        return lower_first(self.arn_property)


STACK_TYPES: tuple[StackType, ...] = (
    StackType("Schema", ("Name", "Schema", "Domain", TAGS)),
    StackType("DatasetGroup", ("Name", "RoleArn", "KmsKeyArn", "Domain", TAGS)),
    StackType("Dataset", ("Name", "DatasetType", "DatasetGroupArn", "SchemaArn", TAGS)),
    StackType(
        "Solution",
        (
            "Name", "EventType", "DatasetGroupArn", "PerformAutoML", "PerformHPO", "RecipeArn", "SolutionConfig", TAGS,
        ),
    ),
    StackType("Campaign", ("Name",), ("Status",), is_tagged_in_place=True),
    StackType("EventTracker", ("Name", "DatasetGroupArn"), ("TrackingId",), is_tagged_in_place=True),
    StackType("Filter", ("Name", "DatasetGroupArn", "FilterExpression"), ("Status",), is_tagged_in_place=True),
    StackType("MetricAttribution", ("Name", "DatasetGroupArn", "Metrics"), ("Status",)),
)  # fmt: skip


def lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def to_members(properties: Mapping[str, Any], shape: StructureShape) -> dict[str, Any]:
    """Give the properties that a structure of the model has, under its names, with values of its types.

    Templates write numbers and booleans as texts as well, and tags as Key and Value; keys of maps stay as they are.
    """
    names = {member.lower(): member for member in shape.members}
    found = {name: _member_of(name, names) for name in properties}
    return {
        member: _value(properties[name], shape.members[member]) for name, member in found.items() if member is not None
    }


def _member_of(name: str, names: Mapping[str, str]) -> str | None:
    return names.get(name.lower()) or names.get(f"tag{name.lower()}")


def _value(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        return to_members(value, shape)
    if isinstance(shape, ListShape):
        return [_value(each, shape.member) for each in value]
    if isinstance(shape, MapShape):
        return {key: _value(each, shape.value) for key, each in value.items()}
    return _scalar(value, shape.type_name)


def _scalar(value: Any, type_name: str) -> Any:
    if type_name == "boolean":
        return str(value).lower() == "true"
    if type_name == "integer":
        return int(value)
    if type_name in ("double", "float"):
        return float(value)
    return str(value)

"""Check the dataset group of a parameter file, and the tags of everything: encryption, and what tags may be.

Source: contract §1.5 (RoleArn, KmsKeyArn), §1.8 (Tag).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from personalize_spec.parameters.finding import Finding, at, join

_ROLE = re.compile(r"arn:[a-z\d-]+:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z\d-]+:\d{12}:key/.+")
_FORBIDDEN_IN_TAGS = re.compile(r"[^\w\s.:/=+\-@]")
_RESERVED_PREFIX = "aws:"


def check_group(data: object) -> Iterator[Finding]:
    """List what is wrong with the encryption of the dataset group, and with tags anywhere in the file."""
    role, key = at(data, str, "datasetGroup", "roleArn"), at(data, str, "datasetGroup", "kmsKeyArn")
    if role is not None and not _ROLE.fullmatch(role):
        text = f"'{role}' is not a role's ARN: it should look like arn:aws:iam::<account id>:role/<name>."
        yield Finding("datasetGroup.roleArn", text)
    if key is not None and not _KEY.fullmatch(key):
        text = f"'{key}' is not a key's ARN (an alias does not do): arn:aws:kms:<region>:<account id>:key/<id>."
        yield Finding("datasetGroup.kmsKeyArn", text)
    if role is not None and key is None:
        yield Finding("datasetGroup.kmsKeyArn", "The role is for a key only: add kmsKeyArn, or remove roleArn.")
    yield from _tags("", data)


def _tags(path: str, data: object) -> Iterator[Finding]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "tags" and isinstance(value, list):
                yield from _check_tags(join(path, key), value)
            elif key != "schema":
                yield from _tags(join(path, str(key)), value)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _tags(join(path, index), value)


def _check_tags(path: str, tags: list[object]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, tag in enumerate(tags):
        key, value = at(tag, str, "tagKey"), at(tag, str, "tagValue")
        place = join(path, index)
        for name, text in (("tagKey", key), ("tagValue", value)):
            if text and (bad := _FORBIDDEN_IN_TAGS.search(text)):
                allowed = "letters, digits, spaces and . : / = + - @ _"
                yield Finding(f"{place}.{name}", f"A tag cannot have '{bad[0]}': use {allowed}.")
        if key and key.lower().startswith(_RESERVED_PREFIX):
            yield Finding(f"{place}.tagKey", f"Keys that start with {_RESERVED_PREFIX} are AWS's own: choose another.")
        if key in first:
            yield Finding(f"{place}.tagKey", f"The tag '{key}' stands at {join(path, first[key])} already: keep one.")
        elif key is not None:
            first[key] = index

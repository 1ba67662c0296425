"""Commands as one would type them: quoted for the shell, long ones continued on the next line."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 116
OPTION_WIDTH = 24  # what stands before a value on its line
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
_MEMBERS = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^",]|,(?! ))+(?:, )?')
_LIVE_IN_DOUBLE_QUOTES = set('"$`!\\')


def typed(arguments: Sequence[str], width: int = WIDTH) -> str:
    """Write a command for the shell; lines are broken before options, with a backslash.

    The result, pasted into a POSIX shell, runs the same command.
    """
    lines = [""]
    for words in _with_values(arguments):
        text = " ".join(quote(word) for word in words)
        if lines[-1] and len(lines[-1]) + len(text) > width:
            lines.append(f"    {text}")
        else:
            lines[-1] += f" {text}" if lines[-1] else text
    return " \\\n".join(lines)


def spread_json(value: Any, width: int = WIDTH) -> str:
    """Write JSON for a command line: short on one line, long over several, broken between members only."""
    pieces = _MEMBERS.findall(json.dumps(value, ensure_ascii=False))
    lines = [""]
    for piece in pieces:
        room = width - OPTION_WIDTH if len(lines) == 1 else width
        if lines[-1] and len(lines[-1]) + len(piece) > room:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


def typed_exports(variables: Mapping[str, str]) -> str:
    """Write the line that sets variables for this and the following commands."""
    return "export " + " ".join(f"{name}={quote(value)}" for name, value in variables.items())


def quote(word: str) -> str:
    """Quote a word for the shell, if it needs it: in single quotes, or double ones where it holds single ones."""
    if _PLAIN.fullmatch(word):
        return word
    if "'" in word and not set(word) & _LIVE_IN_DOUBLE_QUOTES:
        return f'"{word}"'
    return shlex.quote(word)


def _with_values(arguments: Sequence[str]) -> list[list[str]]:
    """Keep an option and its first value together: a line never begins with a bare value of an option."""
    groups: list[list[str]] = []
    for word in arguments:
        starts_option = word.startswith("-")
        if groups and not starts_option and groups[-1][0].startswith("-") and len(groups[-1]) == 1:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups

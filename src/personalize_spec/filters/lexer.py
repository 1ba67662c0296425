"""Cut a filter expression into tokens, each with its place in the text.

Keywords are plain words here; the parser knows which words it wants. In strings, `\\"` stands for a double quote and
`\\\\` for a backslash (inferred: the guide shows neither); any other backslash is itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from personalize_spec.filters.problems import invalid_expression

WORD = "word"
STRING = "string"
NUMBER = "number"
PLACEHOLDER = "placeholder"
OPERATOR = "operator"
MARK = "mark"
END = "end"

_TOKEN = re.compile(
    rf"""(?P<{PLACEHOLDER}>\$[A-Za-z0-9_]+)
    |(?P<{WORD}>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<{NUMBER}>-?[0-9]+(?:\.[0-9]+)?)
    |(?P<{STRING}>"(?:\\["\\]|[^"])*+")
    |(?P<{OPERATOR}><=|>=|!=|=|<(?!>)|>)
    |(?P<{MARK}>[(),.|*])""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_ESCAPED = re.compile(r'\\(["\\])')

_HINTS = (
    ("'", "strings are put in double quotes, not in single ones."),
    ("\u2018", 'strings are put in straight double quotes: ".'),
    ("\u2019", 'strings are put in straight double quotes: ".'),
    ("\u201c", 'strings are put in straight double quotes: ".'),
    ("\u201d", 'strings are put in straight double quotes: ".'),
    ('"', "a string starts that never ends: add the closing double quote."),
    ("$", "a placeholder has no name: write $NAME with letters, digits and '_'."),
    ("<>", "'<>' is not an operator: write !=."),
    ("!", "'!' is not an operator: write != or NOT IN."),
    ("&", "'&' is not an operator: write AND."),
    ("[", "lists are put in round parentheses: ( and )."),
    (";", "';' does not end an expression: remove it."),
    ("+", "a number has no '+' sign: remove it."),
)


@dataclass(frozen=True)
class Token:
    """A piece of the text: its kind, its characters, and where it starts, counted from 1."""

    kind: str
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of the words, in any letter case. Words are given in upper case."""
        return self.kind == WORD and self.text.upper() in words

    def is_mark(self, mark: str) -> bool:
        """Tell whether this is the punctuation mark."""
        return self.kind == MARK and self.text == mark

    @property
    def described(self) -> str:
        """The token for a message: 'BRAND', or where the text ends."""
        return "the end of the expression" if self.kind == END else f"'{self.text}'"

    @property
    def string(self) -> str:
        """The content of a string token."""
        return _ESCAPED.sub(r"\1", self.text[1:-1])


def tokenize(text: str) -> list[Token]:
    """Cut the text into tokens; the last one is always END.

    Errors: InvalidInputException at the first character that starts no token.
    """
    tokens: list[Token] = []
    place = _skip_space(text, 0)
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise invalid_expression(place + 1, _explain(text[place:]))
        tokens.append(Token(match.lastgroup, match.group(), place + 1))
        place = _skip_space(text, match.end())
    return [*tokens, Token(END, "", len(text) + 1)]


def _skip_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _explain(rest: str) -> str:
    for start, hint in _HINTS:
        if rest.startswith(start):
            return hint
    return f"'{rest[0]}' has no meaning here: remove it, or put the text it belongs to in double quotes."

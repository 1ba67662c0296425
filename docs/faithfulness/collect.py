"""Read the claims from the tests' text, without importing or running any of them.

Only functions that pytest collects are looked at, so a claim without a test cannot be written down.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from docs.faithfulness.claim import STATES, Claim, check_claim, names_in

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests", "mlops", "api")
MARK = "behaviour"
_STATES = {state.upper(): state for state in STATES}


def collect() -> list[Claim]:
    """Give every claim, in the order of the files and of the tests in them.

    Errors: ValueError that names the file and line of a mark that cannot be read.
    """
    files = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("test_*.py") if _is_ours(file))
    return [claim for file in files for claim in claims_in(file.read_text(encoding="utf-8"), _shown(file))]


def claims_in(text: str, path: str) -> Iterator[Claim]:
    """Give the claims of one file."""
    if MARK not in text:
        return
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", None) == MARK:
                    yield _claim(decorator, path, node.name)


def _claim(call: ast.Call, path: str, test: str) -> Claim:
    try:
        about, text, state, source = (_text(part) for part in (*call.args, *(word.value for word in call.keywords)))
        check_claim(about, text, state, source)
    except ValueError as error:
        raise ValueError(f"{path}:{call.lineno}: {error}") from error
    return Claim(names_in(about), text, state, source, path, test)


def _text(node: ast.expr) -> str:
    """Give what an argument says: a state by its name, all else as a literal text."""
    value = _STATES.get(node.id) if isinstance(node, ast.Name) else ast.literal_eval(node)
    if not isinstance(value, str):
        raise ValueError(f"'{ast.unparse(node)}' is not a text")
    return value


def _is_ours(file: Path) -> bool:
    return not any(part.startswith(".") or part == "node_modules" for part in file.relative_to(ROOT).parts)


def _shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()

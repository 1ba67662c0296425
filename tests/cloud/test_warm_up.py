"""The server answers before it has imported what only later requests and jobs need."""

from __future__ import annotations

import importlib
import subprocess
import sys

from personalize_local.cloud.warm_up import MODULES

LATE = ("boto3", "duckdb", "jax", "scipy")
PROGRAM = f"""
import sys
import personalize_local.cloud.alone, personalize_local.cloud.server
print([name for name in {LATE!r} if name in sys.modules])
"""


def test_a_server_starts_without_what_takes_long_to_import() -> None:
    imported = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    assert imported.stdout == "[]\n"


def test_what_is_imported_beside_the_first_answers_exists() -> None:
    assert all(importlib.import_module(name) for name in MODULES)

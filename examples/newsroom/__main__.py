"""`python -m examples.newsroom`: write a generated newspaper into a folder."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from examples.newsroom.settings import NewsroomSettings, parse_end
from examples.newsroom.write import write_newsroom


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    try:
        settings = NewsroomSettings(options.events, options.seed, parse_end(options.end))
    except ValueError as error:
        sys.stderr.write(f"newsroom: {error}\n")
        return 2
    started = time.monotonic()
    files = write_newsroom(settings, options.out)
    sys.stdout.write(
        f"{files.event_count:,} page views by {files.reader_count:,} readers, {files.item_count:,} articles "
        f"({files.article_count:,} with the archive) in {time.monotonic() - started:.1f} s: {options.out}\n"
    )
    return 0


def _this_hour() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:00:00Z}"


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.newsroom", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="page views, 1,000 to 20,000,000 (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="same seed and end, same bytes (%(default)s)")
    parser.add_argument("--end", default=_this_hour(), help="the last moment (%(default)s, when this hour began)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

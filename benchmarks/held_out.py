"""Are recommendations better than popularity? Asked from outside, over HTTP.

    AWS_ENDPOINT_URL=http://localhost:4566 .venv/bin/python -m benchmarks.held_out [--write FILE]

The newest tenth of a tenth of the users' events is kept back; the rest is uploaded, imported and trained on through
boto3; then GetRecommendations is asked for those users, and the answers are compared with what was kept back. Ends
with 1 when NDCG@10 is below 1.5 times that of popularity, served as it is or with what a user has seen removed,
whichever is better. Done twice: with the events as they are, and with one per user, item and second, because the
click and the watch of one moment can fall on both sides of the cut.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import platform
import random
import sys
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.held_out_metrics import measure
from benchmarks.held_out_service import benchmark

MOVIELENS = Path(__file__).parent.parent / "examples/movielens/Interactions/interactions.csv"
PERSONALIZATION, POPULARITY = "aws-user-personalization", "aws-popularity-count"
UNSEEN = "popularity, seen removed"
NDCG, RANK = "normalized_discounted_cumulative_gain_at_10", "mean_reciprocal_rank_at_25"
COLUMNS = {
    "NDCG@10": NDCG,
    "MRR@25": RANK,
    "P@5": "precision_at_5",
    "P@10": "precision_at_10",
    "P@25": "precision_at_25",
}
PACKAGES = ("personalize-local", "numpy", "scipy", "boto3")
REQUIRED_RATIO = 1.5
LONGEST_LIST = 500

Row = dict[str, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; give the exit status."""
    options = _options(arguments)
    rows = list(csv.DictReader(io.StringIO(options.csv.read_text(encoding="utf-8"))))
    sections, ratios = [heading(options)], []
    for form, events in (("as they are", rows), ("one per user, item and second", without_duplicates(rows))):
        kept, seen, relevant = hold_out(events, options.seed)
        results = run(kept, seen, relevant)
        ratios.append(results[PERSONALIZATION][NDCG] / max(results[POPULARITY][NDCG], results[UNSEEN][NDCG], 1e-9))
        sections.append(section(form, results, len(events), len(relevant), ratios[-1]))
    text = "\n".join(sections)
    sys.stdout.write(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0 if min(ratios) >= REQUIRED_RATIO else 1


def without_duplicates(rows: Sequence[Row]) -> list[Row]:
    """Keep the first of several events on one item by one user at one time."""
    return list({(row["USER_ID"], row["ITEM_ID"], row["TIMESTAMP"]): row for row in reversed(rows)}.values())[::-1]


def hold_out(rows: Sequence[Row], seed: int) -> tuple[list[Row], dict[str, set[str]], dict[str, set[str]]]:
    """Keep back the newest tenth of a tenth of the users' events.

    Gives the rows to train on, and for each of those users the items seen and the items to foretell.
    """
    events: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: int(row["TIMESTAMP"])):
        events[row["USER_ID"]].append(row)
    eligible = sorted(user for user, mine in events.items() if len(mine) >= 2)
    chosen = set(random.Random(seed).sample(eligible, max(1, round(len(events) / 10))))
    kept, seen, relevant = [], {}, {}
    for user, mine in events.items():
        cut = min(max(len(mine) * 9 // 10, 1), len(mine) - 1) if user in chosen else len(mine)
        kept += mine[:cut]
        if user in chosen:
            seen[user] = {row["ITEM_ID"] for row in mine[:cut]}
            relevant[user] = {row["ITEM_ID"] for row in mine[cut:]}
    return kept, seen, relevant


def run(
    kept: Sequence[Row], seen: Mapping[str, set[str]], relevant: Mapping[str, set[str]]
) -> dict[str, dict[str, float]]:
    """Import, train, deploy, ask and measure; everything made is removed. Gives metrics by row of the table."""
    results: dict[str, dict[str, float]] = {}
    with benchmark(f"held-out-{uuid.uuid4().hex[:8]}") as service:
        group = service.import_csv(to_csv(kept))
        for recipe in (PERSONALIZATION, POPULARITY):
            trained, seconds = service.train(group, recipe)
            campaign = service.deploy(trained, recipe)
            answers = {user: service.recommend(campaign, user, LONGEST_LIST) for user in relevant}
            results[recipe] = measure(answers, relevant) | {"seconds": seconds}
            results[f"{recipe}, GetSolutionMetrics"] = service.metrics(trained)
        unseen = {user: [item for item in answers[user] if item not in seen[user]] for user in relevant}
        results[UNSEEN] = measure(unseen, relevant)
    return results


def to_csv(rows: Sequence[Row]) -> bytes:
    """Write rows as the service imports them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def heading(options: argparse.Namespace) -> str:
    """Say what is measured, and on what."""
    file = "MovieLens latest small" if options.csv == MOVIELENS else options.csv.name
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    place = f"{machine()}; Python {platform.python_version()}, {packages}."
    return f"# Held-out recommendations\n\n{file}, seed {options.seed}, benchmarks/held_out.py.\n{place}\n"


def section(form: str, results: Mapping[str, Mapping[str, float]], rows: int, users: int, ratio: float) -> str:
    """Write the table of one form of the events."""
    lines = [
        f"## Events {form}",
        "",
        f"{rows} events; the newest tenth of {users} users' events kept back.",
        "",
        f"| | {' | '.join(COLUMNS)} | coverage | training |",
        f"|---|{'---|' * (len(COLUMNS) + 2)}",
    ]
    for name, metrics in results.items():
        values = " | ".join(f"{metrics[key]:.4f}" for key in COLUMNS.values())
        coverage = f"{metrics['coverage']:.4f}" if "coverage" in metrics else ""
        seconds = f"{metrics['seconds']:.0f} s" if "seconds" in metrics else ""
        lines.append(f"| {name} | {values} | {coverage} | {seconds} |")
    verdict = "at least" if ratio >= REQUIRED_RATIO else "NOT"
    lines += [
        "",
        f"NDCG@10 is {ratio:.2f} times that of the better popularity: {verdict} the required {REQUIRED_RATIO}.",
    ]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Name the processor and the number of cores."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
    return f"{model or platform.machine()}, {os.cpu_count()} cores"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare recommendations with popularity on held-out events.")
    parser.add_argument(
        "--csv", type=Path, default=MOVIELENS, help="interactions (USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE)"
    )
    parser.add_argument("--seed", type=int, default=1, help="chooses the users")
    parser.add_argument("--write", type=Path, help="also write the table to this file")
    options = parser.parse_args(arguments)
    if not os.environ.get("AWS_ENDPOINT_URL"):
        parser.error(
            "AWS_ENDPOINT_URL is not set: start the local cloud and name it, for example http://localhost:4566"
        )
    return options


if __name__ == "__main__":
    sys.exit(main())

"""Scoring one reader: the models alone, without server, data or exploration; milliseconds by the size of the catalogue.

    .venv/bin/python -m benchmarks.scoring [--keep]

A blend as training makes it where there is enough data: the transformer (two blocks, width 64), rules of 200 for each
item, popularity; its numbers are random, its shapes those of a trained one. The reader has 200 events; the best 25 of
the items are chosen that a filter lets pass, seven in ten. One core: the process is kept on one, with one thread of
linear algebra. Processor milliseconds are those of the process; beside other work they tell more than the clock. The
table goes to benchmarks/results/scoring.md with --keep.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is imported

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.gateway import machine
from benchmarks.report import arguments, publish, table
from personalize_local.models.blend import Blend
from personalize_local.models.decayed_counts import DecayedCounts
from personalize_local.models.query import Query, block_scores_of
from personalize_local.models.reader_words import reader_words
from personalize_local.models.sequence_encoder import Block, SequenceEncoder
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequence_situation import Situation
from personalize_local.models.sequential_rules import DECAY, TOP, WINDOW, SequentialRules
from personalize_local.models.sparse_rows import SparseRows
from personalize_local.runtime.ranking import best_rows, shares_of_coarse

RESULT = Path(__file__).parent / "results" / "scoring.md"
ITEM_COUNTS = (10_000, 100_000, 1_000_000)
BARS_MS = {10_000: (3.0, 1.5), 1_000_000: (15.0, 6.0)}
EVENTS, COUNT, PASSING = 200, 25, 0.7
WIDTH, INNER, HEADS, REACH = 64, 128, 2, 191
ROUNDS = 101
ABOUT = "200 events of history, the best 25 of what a filter lets pass, one core."
HEAD = ("items", "p50 ms", "p50 processor ms", "must", "aim", "processor ms each, scored together in a batch")
TOGETHER = 32


def make_blend(item_count: int, rng: np.random.Generator) -> Blend:
    """Make a blend of the shapes that training gives."""
    counts = np.sort(rng.pareto(1.0, item_count))[::-1].astype(np.float32)[None]
    prior = np.log((counts[0] + 0.1) / counts.sum()).astype(np.float32)
    return Blend(
        parts=(_rules(item_count, rng), _transformer(item_count, rng)),
        weights=np.array([0.5, 1.0], dtype=np.float32),
        prior=prior,
        newcomer_prior=prior,
        seen_weight=-1.0,
        cold=None,
        cold_weight=0.0,
        popularity=DecayedCounts(counts, np.zeros(1), 0),
        prior_weights=np.ones(1, dtype=np.float32),
        newcomer_weights=np.ones(1, dtype=np.float32),
        newcomer_cold_weight=0.0,
    )


def _rules(item_count: int, rng: np.random.Generator) -> SequentialRules:
    start = np.arange(item_count + 1, dtype=np.int64) * TOP
    column = rng.integers(0, item_count, item_count * TOP, dtype=np.int32)
    value = rng.random(item_count * TOP, dtype=np.float32)
    return SequentialRules(SparseRows(start, column, value, item_count), WINDOW, DECAY)


def _transformer(item_count: int, rng: np.random.Generator) -> SequenceModel:
    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, dtype=np.float32) * np.float32(0.1)

    blocks = tuple(
        Block(
            attention_scale=np.ones(WIDTH, np.float32),
            attention_shift=numbers(WIDTH),
            project=numbers(WIDTH, 3 * WIDTH),
            project_shift=numbers(3 * WIDTH),
            distance=numbers(HEADS, REACH + 1),
            gather=numbers(WIDTH, WIDTH),
            gather_shift=numbers(WIDTH),
            inner_scale=np.ones(WIDTH, np.float32),
            inner_shift=numbers(WIDTH),
            widen=numbers(WIDTH, INNER),
            widen_shift=numbers(INNER),
            narrow=numbers(INNER, WIDTH),
            narrow_shift=numbers(WIDTH),
        )
        for _ in range(2)
    )
    known = np.ones(item_count, dtype=bool)
    nothing = np.zeros((0, WIDTH), dtype=np.float32)
    words = reader_words([])
    situation = Situation(numbers(WIDTH), words, numbers(len(words.words), WIDTH), (), nothing, (), (), nothing)
    encoder = SequenceEncoder(blocks, np.ones(WIDTH, np.float32), numbers(WIDTH), REACH)
    return SequenceModel(numbers(item_count, WIDTH), known, known, None, encoder, situation)


def measure(item_count: int) -> tuple[str, ...]:
    """Measure one size; give a row of the table."""
    rng = np.random.default_rng(7)
    blend = make_blend(item_count, rng)
    blend.make_ready()
    passes = rng.random(item_count) < PASSING
    queries = [_query(item_count, rng) for _ in range(TOGETHER)]

    def answer(place: int) -> None:
        shares = shares_of_coarse(blend.coarse_scores(queries[place % TOGETHER]))
        shares.of(best_rows(shares.scores, passes.__getitem__, COUNT, look=shares.look))

    wall, cpu = _timed(answer, ROUNDS)
    _, together = _timed(lambda place: block_scores_of(blend, queries[: _fitting(item_count)]), 5)
    bars = BARS_MS.get(item_count)
    wanted = [f"{bar:g}" for bar in bars] if bars else ["", ""]
    return f"{item_count:,}", f"{wall:.2f}", f"{cpu:.2f}", *wanted, f"{together / _fitting(item_count):.2f}"


def _fitting(item_count: int) -> int:
    """Give how many readers a batch scores together, as runtime/recommend_all.py has it."""
    return max(1, min(TOGETHER, (1 << 22) // item_count))


def _query(item_count: int, rng: np.random.Generator) -> Query:
    rows = (rng.random(EVENTS) ** 3 * item_count).astype(np.int32)
    return Query(rows, 1_700_000_000 + 1000 * np.arange(EVENTS), now_epoch_s=1_700_300_000)


def _timed(work: Callable[[int], None], rounds: int) -> tuple[float, float]:
    """Give the medians of the clock's and the processor's milliseconds."""
    work(0)
    found = []
    for place in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work(place)
        found.append(((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3))
    return statistics.median(wall for wall, _ in found), statistics.median(cpu for _, cpu in found)


def main() -> None:
    """Run the benchmark and print its table."""
    parser = arguments(__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=ITEM_COUNTS)
    given = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    described = machine()
    lines = table(HEAD, [measure(count) for count in given.items])
    publish("Scoring one reader", described, lines, RESULT if given.keep else None, ABOUT)


if __name__ == "__main__":
    main()

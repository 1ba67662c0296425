"""Put the outcomes of all methods side by side: means, errors, differences, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from personalize_local.evaluation.data import Data
from personalize_local.evaluation.errors_of_means import Estimate, mean_of_users, paired_difference
from personalize_local.evaluation.measures import NDCG, of_cold_items, of_lists, per_question
from personalize_local.evaluation.report import Report, Row
from personalize_local.evaluation.split import Split
from personalize_local.evaluation.task import Outcome


@dataclass(frozen=True)
class Run:
    """One method's outcomes: for each split, one for each training."""

    name: str
    outcomes: tuple[tuple[Outcome, ...], ...]
    is_baseline: bool


def compare(
    data: Data,
    splits: Sequence[Split],
    runs: Sequence[Run],
    rivals: Sequence[str],
    *,
    cuts: tuple[int, ...],
    filter_seen: bool,
    seeds: int,
) -> Report:
    """Make the report; methods are compared by NDCG at the first of the cuts, with the best of the rivals."""
    users = np.concatenate([split.questions.user_row for split in splits])
    measured = {run.name: _measured(run, splits, cuts) for run in runs}
    main = NDCG.format(cuts[0])
    quality = {run.name: float(measured[run.name][main].mean()) for run in runs}
    rival = max(rivals, key=quality.__getitem__) if rivals else None
    rows = []
    for run in sorted(runs, key=lambda each: -quality[each.name]):
        difference = None
        if rival not in (None, run.name):
            difference = paired_difference(measured[run.name][main], measured[rival][main], users)
        rows.append(_row(run, measured[run.name], users, splits, cuts, difference))
    cold = sum(int((split.training_counts() == 0)[split.questions.relevant_row].sum()) for split in splits)
    return Report(
        data=data.name,
        protocol=tuple(dict.fromkeys(split.description for split in splits)),
        filter_seen=filter_seen,
        cuts=cuts,
        user_count=len(data.interactions.user_ids),
        item_count=splits[0].item_count,
        training_count=max(len(split.training) for split in splits),
        question_count=len(users),
        left_out_count=sum(split.left_out for split in splits),
        cold_relevant_count=cold,
        seeds=seeds,
        notes=(*data.notes, *_existence(data)),
        rival=rival,
        rows=tuple(rows),
    )


def _existence(data: Data) -> tuple[str, ...]:
    """Say that items do not compete before they exist, where the data tells when that is."""
    if data.items is None or "CREATION_TIMESTAMP" not in data.items.columns:
        return ()
    return ("an item competes from its CREATION_TIMESTAMP, or its first event, on",)


def _measured(run: Run, splits: Sequence[Split], cuts: Sequence[int]) -> dict[str, np.ndarray]:
    """Give each metric of each question, averaged over the trainings of its split: name → [questions]."""
    parts = []
    for split, outcomes in zip(splits, run.outcomes, strict=True):
        each = [per_question(outcome.answers, split.questions, cuts) for outcome in outcomes]
        parts.append({name: np.mean([found[name] for found in each], axis=0) for name in each[0]})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _row(
    run: Run,
    measured: Mapping[str, np.ndarray],
    users: np.ndarray,
    splits: Sequence[Split],
    cuts: Sequence[int],
    difference: Estimate | None,
) -> Row:
    """Put one method's numbers together; costs are means over trainings, memory the most of any."""
    outcomes = [outcome for each in run.outcomes for outcome in each]
    costs = [outcome.cost for outcome in outcomes]
    latency_ms = 1000 * np.concatenate([outcome.answers.latency_s for outcome in outcomes])
    metrics = {name: mean_of_users(values, users) for name, values in measured.items()} | _cold(run, splits, cuts)
    return Row(
        name=run.name,
        is_baseline=run.is_baseline,
        metrics=metrics,
        lists=_lists(run, splits),
        difference=difference,
        seed_spread=_spread(run, splits, cuts[0]),
        training_wall_s=float(np.mean([cost.wall_s for cost in costs])),
        training_cpu_s=float(np.mean([cost.cpu_s for cost in costs])),
        peak_bytes=max(cost.peak_bytes for cost in costs),
        scoring_p50_ms=float(np.percentile(latency_ms, 50)),
        scoring_p99_ms=float(np.percentile(latency_ms, 99)),
    )


def _cold(run: Run, splits: Sequence[Split], cuts: Sequence[int]) -> dict[str, Estimate]:
    """Give the metrics of cold items, with errors over users; nothing when none is relevant."""
    values, owners = [], []
    for split, outcomes in zip(splits, run.outcomes, strict=True):
        is_cold, asked = split.training_counts() == 0, split.questions
        each = [of_cold_items(outcome.answers, asked, is_cold, cuts) for outcome in outcomes]
        values.append({name: np.mean([found[name] for found in each], axis=0) for name in each[0]})
        owners.append(asked.user_row[asked.question_of_relevant()][is_cold[asked.relevant_row]])
    owner = np.concatenate(owners)
    if not len(owner):
        return {}
    return {name: mean_of_users(np.concatenate([part[name] for part in values]), owner) for name in values[0]}


def _lists(run: Run, splits: Sequence[Split]) -> dict[str, float]:
    found = [
        of_lists(outcome.answers.top, split.training_counts())
        for split, outcomes in zip(splits, run.outcomes, strict=True)
        for outcome in outcomes
    ]
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


def _spread(run: Run, splits: Sequence[Split], cut: int) -> float | None:
    """Give the standard deviation of the main metric over trainings on the same split, or None."""
    if len(run.outcomes[0]) < 2:
        return None
    name = NDCG.format(cut)
    means = [
        np.mean(np.concatenate([per_question(each.answers, split.questions, (cut,))[name] for split, each in paired]))
        for paired in ([*zip(splits, seeds, strict=True)] for seeds in zip(*run.outcomes, strict=True))
    ]
    return float(np.std(means, ddof=1))

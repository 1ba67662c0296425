"""Check what the pipeline does over time: schedules, the gate of a release, and how traffic moves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from personalize_spec.names import did_you_mean
from personalize_spec.offline_metrics import metrics_of
from personalize_spec.parameters.entries import campaign_entries, recipe_of, solution_entries
from personalize_spec.parameters.finding import Finding, at, join, object_at, warning
from personalize_spec.parameters.format import SCHEDULED_WORK
from personalize_spec.schedules import runs_per_day, schedule_problem

OFTEN_PER_DAY = 4  # trainings: more of them cost more than they gain


def check_runs(data: object) -> Iterator[Finding]:
    """List what is wrong with schedules, gate and traffic beyond their shape."""
    yield from _check_schedules(data)
    yield from _check_gate(data)
    yield from _check_steps(at(data, list, "traffic", "steps") or [])


def _check_schedules(data: object) -> Iterator[Finding]:
    for work in SCHEDULED_WORK:
        expression = at(data, str, "schedules", work)
        if expression is None:
            continue
        path = f"schedules.{work}"
        if problem := schedule_problem(expression):
            yield Finding(path, problem)
            continue
        if work == "train" and runs_per_day(expression) > OFTEN_PER_DAY:
            text = (
                f"This trains every solution {runs_per_day(expression):g} times a day, and each training is paid for."
            )
            yield warning(path, f"{text} Personalize takes in new events and items between trainings by itself.")
        yield from _idle(path, work, data)


def _idle(path: str, work: str, data: object) -> Iterator[Finding]:
    if work == "train":
        for key, solution in solution_entries(data):
            if at(solution, bool, "performAutoTraining"):
                text = "Personalize and this schedule would both train it: keep one, or pay for both."
                yield warning(f"solutions.{key}.performAutoTraining", text)
    jobs = ("batchInferenceJobs", "batchSegmentJobs")
    if work == "batch" and not any(at(solution, list, job) for _, solution in solution_entries(data) for job in jobs):
        yield warning(path, "No solution has batch jobs, so there is nothing to do: add some, or remove this schedule.")


def _check_gate(data: object) -> Iterator[Finding]:
    metric = at(data, str, "gate", "metric")
    if metric is None:
        return
    known: dict[str, tuple[str, ...]] = {}
    for key, solution in solution_entries(data):
        recipe = recipe_of(data, key)
        if recipe is not None and any(campaign_entries(data, key)):
            known[key] = metrics_of(recipe, object_at(solution, "solutionConfig"))
    names = {name for each in known.values() for name in each}
    if known and metric not in names:
        text = f"No solution here has the metric '{metric}'.{did_you_mean(metric, names)}"
        yield Finding("gate.metric", f"{text} There are: {', '.join(sorted(names))}.")
        return
    for key, its_names in known.items():
        if metric not in its_names:
            text = f"solutions.{key} has no metric '{metric}': {its_names[0]} is compared instead."
            yield warning("gate.metric", text)


def _check_steps(steps: list[object]) -> Iterator[Finding]:
    path = "traffic.steps"
    shares = [step for step in steps if isinstance(step, int)]
    for index, (before, after) in enumerate(pairwise(shares)):
        if after <= before:
            yield Finding(join(path, index + 1), f"{after} follows {before}: let the shares rise from step to step.")
    if shares and shares[-1] != 100:
        text = f"The last step is {shares[-1]}, so the new version would never get all traffic: end with 100."
        yield Finding(join(path, len(shares) - 1), text)

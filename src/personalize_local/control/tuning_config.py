"""What hyperparameter tuning is asked to do, checked against the recipe.

Source: contract §4.3: numbers of jobs are strings, 1 to 40 in all and 1 to 10 at a time; all three lists of ranges are
there, empty or not (documented). That this is refused at once: inferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.limits import TUNING_MAX_PARALLEL_JOBS, TUNING_MAX_TRAINING_JOBS
from personalize_spec.recipes import Recipe, range_problems

# The lists of ranges: member → (as the API writes it, kind of the hyperparameters in it).
RANGES: Mapping[str, tuple[str, str]] = {
    "integer_hyper_parameter_ranges": ("integerHyperParameterRanges", "integer"),
    "continuous_hyper_parameter_ranges": ("continuousHyperParameterRanges", "continuous"),
    "categorical_hyper_parameter_ranges": ("categoricalHyperParameterRanges", "categorical"),
}
JOB_COUNTS: Mapping[str, tuple[str, int]] = {
    "max_number_of_training_jobs": ("maxNumberOfTrainingJobs", TUNING_MAX_TRAINING_JOBS),
    "max_parallel_training_jobs": ("maxParallelTrainingJobs", TUNING_MAX_PARALLEL_JOBS),
}


def tuning_problems(recipe: Recipe, request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with performHPO and hpoConfig."""
    if request.get("perform_hpo") and not recipe.supports_tuning:
        yield f"The recipe {recipe.name} cannot be tuned: leave performHPO out."
        return
    tuning = config.get("hpo_config") or {}
    yield from _job_counts(tuning.get("hpo_resource_config") or {})
    if "algorithm_hyper_parameter_ranges" in tuning:
        yield from _ranges(recipe, tuning["algorithm_hyper_parameter_ranges"])


def _job_counts(resources: Mapping[str, str]) -> Iterator[str]:
    for member, (name, limit) in JOB_COUNTS.items():
        text = resources.get(member)
        if text is not None and not (text.isdecimal() and 1 <= int(text) <= limit):
            yield f"{name} must be a whole number from 1 to {limit} in a string, not '{text}'."


def _ranges(recipe: Recipe, lists: Mapping[str, Any]) -> Iterator[str]:
    missing = [name for member, (name, _) in RANGES.items() if member not in lists]
    if missing:
        yield f"algorithmHyperParameterRanges needs its three lists, empty ones too: add {', '.join(missing)}."
    for member, (name, kind) in RANGES.items():
        for entry in lists.get(member, ()):
            if "name" not in entry:
                yield f"An entry of {name} has no name: say which hyperparameter it is for."
                continue
            bounds = (entry.get("min_value"), entry.get("max_value"))
            yield from range_problems(recipe, kind, entry["name"], *bounds, entry.get("values", ()))

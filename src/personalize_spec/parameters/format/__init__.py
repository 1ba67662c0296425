"""The format of the parameter file as tables, with the defaults of what a file does not say."""

from personalize_spec.parameters.format.file import (
    ALIASES,
    CAMPAIGN_OF_SOLUTION,
    DATASET_TYPE_OF,
    DEFAULT_IMPORT_MODE,
    FILE,
    IMPORT_MODES,
    KEY_PATTERN,
)
from personalize_spec.parameters.format.runs import (
    DEFAULT_GATE_METRIC,
    DEFAULT_MINIMUM_COVERAGE,
    DEFAULT_SMOKE_USERS,
    DEFAULT_SOAK_HOURS,
    DEFAULT_STEP_MINUTES,
    DEFAULT_STEPS,
    DEFAULT_TOLERANCE,
    SCHEDULED_WORK,
)
from personalize_spec.parameters.format.solutions import DEFAULT_TRAINING_MODE, SOLUTION_ARGUMENTS, TRAINING_MODES

__all__ = [
    "ALIASES",
    "CAMPAIGN_OF_SOLUTION",
    "DATASET_TYPE_OF",
    "DEFAULT_GATE_METRIC",
    "DEFAULT_IMPORT_MODE",
    "DEFAULT_MINIMUM_COVERAGE",
    "DEFAULT_SMOKE_USERS",
    "DEFAULT_SOAK_HOURS",
    "DEFAULT_STEPS",
    "DEFAULT_STEP_MINUTES",
    "DEFAULT_TOLERANCE",
    "DEFAULT_TRAINING_MODE",
    "FILE",
    "IMPORT_MODES",
    "KEY_PATTERN",
    "SCHEDULED_WORK",
    "SOLUTION_ARGUMENTS",
    "TRAINING_MODES",
]

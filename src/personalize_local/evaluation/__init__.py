"""Measure recommenders on any interactions: protocols, metrics, baselines, off-policy estimates, tables and plots.

`data_from_arrays` or `files.read_data` give data, `evaluate(data, Settings(…))` a `Report`.
"""

from personalize_local.evaluation.data import Data, data_from_arrays
from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.evaluate import Settings, evaluate
from personalize_local.evaluation.protocols import Protocol
from personalize_local.evaluation.recipe import Recipe
from personalize_local.evaluation.report import Report, Row

__all__ = [
    "Data",
    "EvaluationError",
    "Protocol",
    "Recipe",
    "Report",
    "Row",
    "Settings",
    "data_from_arrays",
    "evaluate",
]

"""What can be known of CSV files before anything is imported or trained: every finding at once, and what was read."""

from personalize_spec.preflight.check import DataReport, check_data
from personalize_spec.preflight.quotas import check_quotas
from personalize_spec.preflight.release_room import check_release_room
from personalize_spec.preflight.sample import BUDGET_BYTES, DataFile
from personalize_spec.preflight.texts import parse_parameter_file

__all__ = [
    "BUDGET_BYTES",
    "DataFile",
    "DataReport",
    "check_data",
    "check_quotas",
    "check_release_room",
    "parse_parameter_file",
]

"""The private names of MiniStack and its JSONata engine that we build on: what breaks, breaks in a test, not in a demo.

MiniStack is pinned to `PINNED_VERSION`. To move the pin, run tests/cloud/test_emulator_names.py with the new version.
"""

from importlib import import_module
from inspect import signature
from typing import Any

PINNED_VERSION = "1.5.33"

# name → the parameters we call or replace it with; None for tables and objects
PRIVATE_NAMES: dict[str, tuple[str, ...] | None] = {
    "jsonata.timebox:Timebox": ("expr", "timeout", "max_depth"),
    "ministack.app:app": ("scope", "receive", "send"),
    "ministack.app:_build_persistence_save_dict": (),
    "ministack.app:SERVICE_HANDLERS": None,
    "ministack.core.persistence:save_state": ("service", "data"),
    "ministack.core.persistence:_json_default": ("obj",),
    "ministack.core.responses:get_account_id": (),
    "ministack.core.responses:get_region": (),
    "ministack.core.responses:set_request_account_id": ("access_key_id",),
    "ministack.core.responses:set_request_region": ("region",),
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS": None,
    "ministack.services.cloudformation.provisioners:_REPLACING_PROPERTIES": None,
    "ministack.services.cloudformation.provisioners:_sfn_definition": ("props",),
    "ministack.services.cloudformation.stacks:_runs_on_worker_thread": ("resource_type",),
    "ministack.services.cloudwatch:_alarms": None,
    "ministack.services.cloudwatch:_metrics": None,
    "ministack.services.cloudwatch:_calc_stats": ("points",),
    "ministack.services.cloudwatch:_stat_value": ("stats", "stat_name", "points"),
    "ministack.services.cloudwatch:_dims_key": ("dims",),
    "ministack.services.cloudwatch:_evaluate_alarm": ("alarm",),
    "ministack.services.cloudwatch:_evaluate_all_alarms": (),
    "ministack.services.cloudwatch:_evaluate_parent_alarms": ("child", "seen"),
    "ministack.services.cloudwatch:_describe_alarms": ("params", "cbor_data", "is_cbor", "is_json"),
    "ministack.services.cloudwatch:_record_history": (
        "alarm_name", "old_state", "new_state", "reason", "alarm_type", "reason_data",
    ),
    "ministack.services.cloudwatch:_dispatch_alarm_actions": ("alarm", "old_state", "new_state", "reason"),
    "ministack.services.eventbridge:_invoke_target": ("target", "event", "rule", "view"),
    "ministack.services.lambda_svc:_execute_function_warm": ("func", "event", "request_id"),
    "ministack.services.sns:_fanout": (
        "topic_arn", "msg_id", "message", "subject", "message_structure", "message_attributes", "message_group_id",
        "message_dedup_id",
    ),
    "ministack.services.sns:_topic_by_arn_any_scope": ("topic_arn",),
    "ministack.services.sns:_resolve_message_for_protocol": ("message", "message_structure", "protocol"),
    "ministack.services.sns:_matches_filter_policy": ("sub", "message_attributes", "message"),
    "ministack.services.stepfunctions:_AWS_SDK_SERVICE_MAP": None,
    "ministack.services.stepfunctions:_AWS_SDK_ERROR_PREFIX": None,
}  # fmt: skip


def private(name: str) -> Any:
    """Return what a name of the table stands for. Errors: KeyError for a name that is not in the table."""
    PRIVATE_NAMES[name]
    module, attribute = name.split(":")
    return getattr(import_module(module), attribute)


def replace_private(name: str, value: Any) -> None:
    """Put our own behind a name of the table; MiniStack looks these up at each call."""
    PRIVATE_NAMES[name]
    module, attribute = name.split(":")
    setattr(import_module(module), attribute, value)


def find_changed_names() -> list[str]:
    """Return the names of the table that are gone or take other parameters, with what was found."""
    changed = []
    for name, expected in PRIVATE_NAMES.items():
        try:
            value = private(name)
        except (ImportError, AttributeError):
            changed.append(f"{name} is gone")
            continue
        if expected is not None and tuple(signature(value).parameters) != expected:
            changed.append(f"{name} takes {tuple(signature(value).parameters)} instead of {expected}")
    return changed

"""Claims that no test can carry: what is not there, what only AWS could show, what concerns the machine around."""

from __future__ import annotations

from personalize_spec import limits

GIB = 1024**3
# Area, claim, source.
UNTESTED: tuple[tuple[str, str, str], ...] = (
    (
        "Protocol",
        f"Nothing is throttled by AWS's rates: {limits.RUNTIME_MAX_TPS_PER_CAMPAIGN} calls a second per campaign and "
        f"{limits.RUNTIME_MAX_TPS:,} in all at run time, {limits.PUT_EVENTS_MAX_TPS:,} for events and "
        f"{limits.PUT_RECORDS_MAX_TPS} for items, users and actions per dataset group; minProvisionedTPS is kept only.",
        "documented",
    ),
    (
        "Protocol",
        "AWS's latency is not imitated: an answer takes the time that the work takes.",
        "inferred",
    ),
    (
        "Lifecycles",
        "Jobs take the time that the work takes: seconds, where AWS takes minutes to hours.",
        "observed",
    ),
    (
        "Imports",
        f"Not limited: the size of a FULL import ({limits.IMPORT_FULL_MAX_BYTES // GIB} GiB at AWS) and of an "
        f"INCREMENTAL one ({limits.IMPORT_INCREMENTAL_MAX_BYTES // GIB} GiB), and how many types of events and further "
        f"columns interactions have together ({limits.INTERACTIONS_MAX_EVENT_TYPES_AND_COLUMNS}); texts in Chinese and "
        f"Japanese are cut at {limits.TEXTUAL_VALUE_MAX_LENGTH:,} characters as others are "
        f"({limits.TEXTUAL_VALUE_MAX_LENGTH_CHINESE_JAPANESE:,} at AWS).",
        "documented",
    ),
    (
        "Training",
        f"All data is trained on, where AWS takes {limits.TRAINING_MAX_INTERACTIONS:,} interactions, "
        f"{limits.TRAINING_MAX_ITEMS:,} items and {limits.TRAINING_MAX_ACTION_INTERACTIONS:,} action interactions at "
        "the most with its older recipes.",
        "documented",
    ),
    (
        "Training",
        "Models are not AWS's networks; how well they do on public data is measured in the benchmarks.",
        "inferred",
    ),
    (
        "Actions",
        "Exploration adds no chance.",
        "documented for AWS: it matters",
    ),
    (
        "Events, items and users",
        f"A whole event is not limited to {limits.EVENT_MAX_BYTES:,} bytes; its members have their limits.",
        "documented",
    ),
    (
        "Data deletion",
        "A deletion takes seconds; AWS's takes up to a day.",
        "documented",
    ),
    (
        "Metrics in CloudWatch",
        "What was not sent when the process ends is lost, and servers that only read send none.",
        "inferred",
    ),
    (
        "Who may ask",
        "IAM's policies are not imitated: who may sign may do everything.",
        "documented for AWS: policies decide",
    ),
    (
        "Beside Personalize",
        "The other services are MiniStack's; its own documentation says what they do. Functions run in this machine's "
        "Python, not in the runtime they name; IAM policies are stored and not enforced.",
        "observed",
    ),
    (
        "Beside Personalize",
        "What of all this an endpoint keeps to, ours or AWS's, `personalize-local probe URL` reports.",
        "observed",
    ),
)

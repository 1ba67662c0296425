"""The format of what the pipeline does over time: schedules, the gate before a release, and how traffic moves.

The defaults are here too: what a file does not say holds all the same.
"""

from __future__ import annotations

from personalize_spec.offline_metrics import DEFAULT as DEFAULT_GATE_METRIC
from personalize_spec.parameters.format.parts import a_list, a_number, a_text, an_integer, an_object

SCHEDULED_WORK = ("import", "train", "batch")

DEFAULT_TOLERANCE = 0.05
DEFAULT_MINIMUM_COVERAGE = 0.0
DEFAULT_SMOKE_USERS = 5
DEFAULT_STEPS = (10, 50, 100)
DEFAULT_STEP_MINUTES = 15
DEFAULT_SOAK_HOURS = 24
MAX_STEPS = 20
MAX_STEP_MINUTES = 24 * 60
MAX_SOAK_HOURS = 14 * 24
MAX_ALARMS = 100
ALARM_NAME_MAX_LENGTH = 255
SCHEDULE_MAX_LENGTH = 256

_SCHEDULE = "cron(minutes hours day month weekday year) in UTC, or rate(7 days)"

SCHEDULES = an_object(
    "when the pipeline works by itself",
    keys={
        "import": a_text(f"when data are imported: {_SCHEDULE}", maximum=SCHEDULE_MAX_LENGTH),
        "train": a_text(f"when all solutions are trained: {_SCHEDULE}", maximum=SCHEDULE_MAX_LENGTH),
        "batch": a_text(f"when batch jobs run: {_SCHEDULE}", maximum=SCHEDULE_MAX_LENGTH),
    },
)

GATE = an_object(
    "what a new version must reach before it gets traffic",
    keys={
        "metric": a_text(
            f"the offline metric that is compared with the live version's; by default {DEFAULT_GATE_METRIC}, "
            "or the recipe's own where it has none of that name",
            minimum=1,
        ),
        "tolerance": a_number(
            f"the share of the live version's metric that may be lost; by default {DEFAULT_TOLERANCE:g}",
            minimum=0,
            maximum=1,
        ),
        "minimumCoverage": a_number(
            f"the least coverage; by default {DEFAULT_MINIMUM_COVERAGE:g}", minimum=0, maximum=1
        ),
        "smokeUsers": an_integer(
            f"for how many users each filter is tried; by default {DEFAULT_SMOKE_USERS}", minimum=1, maximum=100
        ),
    },
)

TRAFFIC = an_object(
    "how traffic moves to a new version",
    keys={
        "steps": a_list(
            f"the shares of traffic, in percent, rising to 100; by default {', '.join(map(str, DEFAULT_STEPS))}",
            minimum=1,
            maximum=MAX_STEPS,
            item=an_integer("a share in percent", minimum=1, maximum=100),
        ),
        "stepMinutes": a_number(
            f"how long each step is watched; by default {DEFAULT_STEP_MINUTES}", minimum=0, maximum=MAX_STEP_MINUTES
        ),
        "soakHours": a_number(
            f"how long the former version is kept at hand; by default {DEFAULT_SOAK_HOURS}",
            minimum=0,
            maximum=MAX_SOAK_HOURS,
        ),
        "alarms": a_list(
            "names of CloudWatch alarms that move traffic back",
            maximum=MAX_ALARMS,
            item=a_text("an alarm's name", minimum=1, maximum=ALARM_NAME_MAX_LENGTH),
        ),
    },
)

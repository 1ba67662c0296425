"""Schedules as EventBridge writes them: cron and rate expressions, checked, and how often they come; all in UTC.

Source: EventBridge Scheduler's user guide, "Schedule types" (documented): six fields, one of day-of-month and
day-of-week is `?`; a rate has a unit that is singular for 1, as rules want it. One-time schedules, at(…), are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

MINUTES_OF = {"minute": 1, "hour": 60, "day": 24 * 60}
DAYS_PER_MONTH = 30.4
_RATE = re.compile(r"rate\((\S+) (\S+)\)")
_CRON = re.compile(r"cron\((.*)\)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LAST = "L"


@dataclass(frozen=True)
class CronField:
    """One of the six fields: its bounds, the names of its values, and the signs it takes beside `*`, `,`, `-`, `/`."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    signs: str = ""

    def number(self, text: str) -> int | None:
        """Read one value, by name or number; None when it is none of the field."""
        if text.upper() in self.names:
            return self.names.index(text.upper()) + 1
        return int(text) if text.isascii() and text.isdigit() and self.low <= int(text) <= self.high else None


MINUTES = CronField("minutes", 0, 59)
HOURS = CronField("hours", 0, 23)
MONTH_DAYS = CronField("day of month", 1, 31, signs="?LW")
MONTHS = CronField("month", 1, 12, _MONTHS)
WEEKDAYS = CronField("day of week", 1, 7, _WEEKDAYS, signs="?L#")
YEARS = CronField("year", 1970, 2199)
FIELDS = (MINUTES, HOURS, MONTH_DAYS, MONTHS, WEEKDAYS, YEARS)


def schedule_problem(expression: str) -> str | None:
    """Say what is wrong with a schedule and what to write; None when it is a good one."""
    if expression.startswith("rate("):
        return _rate_problem(expression)
    if expression.startswith("cron("):
        return _cron_problem(expression)
    hint = ", put it in cron(…)" if len(expression.split()) in (5, 6) else ""
    return f"'{expression}' is no schedule: write cron(0 6 * * ? *) or rate(7 days){hint}."


def runs_per_day(expression: str, year: int = 2027) -> float:
    """Give how many times a good schedule comes on an average day; a cron one is counted over the days of a year."""
    if match := _RATE.fullmatch(expression):
        return 24 * 60 / (int(match[1]) * MINUTES_OF[match[2].rstrip("s")])
    minutes, hours, *days = _fields(expression)
    times = len(_values(MINUTES, minutes)) * len(_values(HOURS, hours))
    first = date(year, 1, 1)
    dates = [first + timedelta(days=index) for index in range(365)]
    return times * sum(_falls_on(day, *days) for day in dates) / len(dates)


def _rate_problem(expression: str) -> str | None:
    match = _RATE.fullmatch(expression)
    if match is None or not match[1].isascii() or not match[1].isdigit() or int(match[1]) < 1:
        return f"'{expression}' is no rate: write a whole number, 1 or more, and a unit, as in rate(7 days)."
    unit = match[2].removesuffix("s")
    if unit not in MINUTES_OF:
        return f"A rate has no unit '{match[2]}': use minutes, hours or days, as in rate(7 days)."
    wanted = unit if int(match[1]) == 1 else f"{unit}s"
    return None if match[2] == wanted else f"Write rate({match[1]} {wanted}): the unit goes with the number."


def _cron_problem(expression: str) -> str | None:
    fields = _fields(expression)
    if len(fields) != len(FIELDS):
        return (
            f"'{expression}' has {len(fields)} fields and needs {len(FIELDS)}: "
            "minutes, hours, day of month, month, day of week, year, as in cron(0 6 * * ? *)."
        )
    problem = next((each for each in map(_field_problem, FIELDS, fields) if each), None)
    if problem or (fields[2] == "?") != (fields[4] == "?"):
        return problem
    return "One of day of month and day of week must be '?', and only one, as in cron(0 6 * * ? *)."


def _fields(expression: str) -> list[str]:
    match = _CRON.fullmatch(expression)
    return match[1].split() if match else []


def _field_problem(field: CronField, text: str) -> str | None:
    if text == "?" and "?" in field.signs:
        return None
    bad = next((part for part in text.split(",") if not _is_part(field, part)), None)
    if bad is None:
        return None
    known = f", {field.names[0]} to {field.names[-1]}" if field.names else ""
    return (
        f"'{bad}' is no {field.name} of a cron schedule: use {field.low} to {field.high}{known}, *, ranges and steps."
    )


def _is_part(field: CronField, part: str) -> bool:
    if "L" in field.signs and re.fullmatch(r"L(-\d{1,2})?" if field is MONTH_DAYS else r"L|[1-7]L", part):
        return True
    if "W" in field.signs and (part == "LW" or (part.endswith("W") and field.number(part[:-1]) is not None)):
        return True
    if "#" in field.signs and re.fullmatch(r"[^#]+#[1-5]", part):
        return field.number(part.split("#")[0]) is not None
    base, _, step = part.partition("/")
    if "/" in part and not (step.isascii() and step.isdigit() and 1 <= int(step) <= field.high):
        return False
    if base == "*":
        return True
    bounds = [field.number(each) for each in base.split("-", 1)]
    return None not in bounds and bounds == sorted(bounds, key=lambda bound: bound or 0)


def _values(field: CronField, text: str) -> set[int]:
    return {value for part in text.split(",") for value in _part_values(field, part)}


def _part_values(field: CronField, part: str) -> Iterator[int]:
    base, _, step = part.partition("/")
    if base == "*":
        low, high = field.low, field.high
    else:
        low, high = (field.number(each) or 0 for each in (base.split("-", 1) * 2)[:2])
        if step and "-" not in base:
            high = field.high
    yield from range(low, high + 1, int(step or 1))


def _falls_on(day: date, month_day: str, month: str, weekday: str, year: str) -> bool:
    """Years are taken for every year, as a schedule of one year only is rare."""
    if day.month not in _values(MONTHS, month):
        return False
    text, matches = (month_day, _is_month_day) if weekday == "?" else (weekday, _is_weekday)
    return any(matches(day, part) for part in text.split(","))


def _is_month_day(day: date, part: str) -> bool:
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if part.startswith(_LAST) and part != "LW":
        return day == last - timedelta(days=int(part[2:] or 0))
    if part.endswith("W"):
        return day == _nearest_workday(last if part == "LW" else day.replace(day=min(int(part[:-1]), last.day)), last)
    return day.day in _values(MONTH_DAYS, part)


def _nearest_workday(day: date, last: date) -> date:
    shift: Mapping[int, int] = {5: -1, 6: 1}  # Saturday back to Friday, Sunday on to Monday, within the month
    moved = day + timedelta(days=shift.get(day.weekday(), 0))
    if moved.month == day.month:
        return moved
    return day + timedelta(days=2) if day.day == 1 else last - timedelta(days=2)


def _is_weekday(day: date, part: str) -> bool:
    number = day.isoweekday() % 7 + 1  # 1 is Sunday
    if part == _LAST:
        return number == 7
    if part.endswith(_LAST):
        return number == int(part[:-1]) and (day + timedelta(days=7)).month != day.month
    if "#" in part:
        name, _, nth = part.partition("#")
        return number == WEEKDAYS.number(name) and (day.day - 1) // 7 + 1 == int(nth)
    return number in _values(WEEKDAYS, part)

"""Charts as a dashboard's body has them; pure.

Source: documented (dashboard body structure): a grid of 24 columns.
"""

from __future__ import annotations

from typing import Any

WIDTH, HEIGHT, PER_ROW = 8, 7, 3
HEADER_HEIGHT = 2
Line = list[Any]  # [namespace, metric, dimension, value, …, {options}], as in a dashboard's body


def chart(place: int, title: str, unit: str, lines: list[Line], region: str) -> dict[str, Any]:
    """Give the chart of a region's metrics at a place, counted from left to right below the header."""
    row, column = divmod(place, PER_ROW)
    axis = {"left": {"min": 0, "label": unit, "showUnits": False}}
    return {
        "type": "metric",
        "x": column * WIDTH,
        "y": HEADER_HEIGHT + row * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "view": "timeSeries",
            "stacked": False,
            "region": region,
            "period": 300,
            "yAxis": axis,
            "metrics": lines,
        },
    }

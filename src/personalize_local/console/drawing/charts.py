"""Small charts as parts of a page: bars beside each other, lines. The page has the style, and a table of the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 560, 200, 44, 26, 8


def grouped_bars(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], title: str) -> str:
    """Draw a group of bars for each label, one bar of each series. Units: shares, 1 is all."""
    top = max((value for _, values in series for value in values), default=0.0) or 1.0
    step = (WIDTH - LEFT) / max(len(labels), 1)
    width = step * 0.8 / max(len(series), 1)
    shapes = _scale(top)
    for place, label in enumerate(labels):
        x = LEFT + place * step
        shapes.append(_text(x + step / 2, HEIGHT - 8, label, "middle"))
        for number, (name, values) in enumerate(series):
            height = (HEIGHT - BOTTOM - TOP) * values[place] / top
            left = x + step * 0.1 + number * width
            shapes.append(
                f'<rect class="c{number}" x="{left:.1f}" y="{HEIGHT - BOTTOM - height:.1f}" width="{width - 1:.1f}" '
                f'height="{height:.1f}"><title>{escape(f"{label}, {name}: {values[place]:.1%}")}</title></rect>'
            )
    return _document(shapes, title)


def lines(series: Sequence[tuple[str, Sequence[tuple[float, float]]]], title: str, *, unit: str = "") -> str:
    """Draw lines through points (x, y), each series in its order."""
    points = [point for _, values in series for point in values]
    if not points:
        return ""
    low, high = min(y for _, y in points), max(y for _, y in points)
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    span, width = (high - low) or 1.0, (last - first) or 1.0
    shapes = [_text(LEFT - 4, TOP + 10, _short(high), "end"), _text(LEFT - 4, HEIGHT - BOTTOM, _short(low), "end")]
    shapes += [_text(LEFT, HEIGHT - 8, f"{_short(first)} {unit}".strip(), "start")]
    shapes += [_text(WIDTH - 4, HEIGHT - 8, f"{_short(last)} {unit}".strip(), "end")]
    shapes.append(f'<path class="axis" d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH}"/>')
    for number, (name, values) in enumerate(series):
        placed = [
            (
                LEFT + 4 + (WIDTH - LEFT - 12) * (x - first) / width,
                HEIGHT - BOTTOM - 4 - (HEIGHT - BOTTOM - TOP - 8) * (y - low) / span,
            )
            for x, y in values
        ]
        path = " ".join(f"{'M' if place == 0 else 'L'}{x:.1f},{y:.1f}" for place, (x, y) in enumerate(placed))
        shapes.append(f'<path class="line l{number}" d="{path}"><title>{escape(name)}</title></path>')
        if len(placed) < 60:
            shapes += [f'<circle class="c{number}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in placed]
    return _document(shapes, title)


def _scale(top: float) -> list[str]:
    return [
        f'<path class="axis" d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH}"/>',
        _text(LEFT - 4, TOP + 10, f"{top:.0%}", "end"),
        _text(LEFT - 4, HEIGHT - BOTTOM, "0 %", "end"),
    ]


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'


def _short(value: float) -> str:
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:.3g} M"
    return f"{value / 1000:.3g} k" if abs(value) >= 10_000 else f"{value:.4g}"


def _document(shapes: Sequence[str], title: str) -> str:
    head = f'<svg class="figure" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
    return "\n".join([head, *shapes, "</svg>"])


def columns_over_time(days: Sequence[tuple[datetime, int]], title: str) -> str:
    """Draw a column for each day, the days that are missing left empty."""
    if not days:
        return ""
    first, last = days[0][0], days[-1][0]
    count = (last - first).days + 1
    top = max(events for _, events in days)
    step = (WIDTH - LEFT) / count
    shapes = [f'<path class="axis" d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH}"/>']
    shapes += [_text(LEFT - 4, TOP + 10, _short(top), "end"), _text(LEFT - 4, HEIGHT - BOTTOM, "0", "end")]
    shapes += [_text(LEFT, HEIGHT - 8, f"{first:%Y-%m-%d}", "start")]
    shapes += [_text(WIDTH - 4, HEIGHT - 8, f"{last:%Y-%m-%d}", "end")]
    for day, events in days:
        height = (HEIGHT - BOTTOM - TOP) * events / top
        x, y = LEFT + (day - first).days * step, HEIGHT - BOTTOM - height
        shapes.append(
            f'<rect class="c0" x="{x:.1f}" y="{y:.1f}" width="{max(step - 1, 0.5):.1f}" height="{height:.1f}">'
            f"<title>{day:%Y-%m-%d}: {events:,}</title></rect>"
        )
    return _document(shapes, f"{title}, {first:%Y-%m-%d} to {last:%Y-%m-%d}; at most {top:,}")

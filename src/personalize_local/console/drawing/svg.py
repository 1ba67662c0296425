"""A small SVG canvas: boxes, frames, arrows, text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2933}
.small{font-size:11px;fill:#52606d}
.title{font-size:12px;font-weight:600;fill:#334e68}
.page{fill:#ffffff}
.frame{fill:#f5f7fa;stroke:#cbd2d9}
.edge{fill:none;stroke:#627d98;stroke-width:1.4;marker-end:url(#head)}
.back{stroke-dasharray:5 3}
.fault{fill:#d64545}
.box{fill:#ffffff;stroke:#829ab1}
.task{fill:#e0fcff;stroke:#2cb1bc}
.choice{fill:#fffbea;stroke:#de911d}
.wait{fill:#f0f4f8;stroke:#9fb3c8}
.fail{fill:#ffe3e3;stroke:#d64545}
.succeed{fill:#e3f9e5;stroke:#3f9142}
.compute{fill:#fff3e0;stroke:#de911d}
.storage{fill:#e3f9e5;stroke:#3f9142}
.messaging{fill:#ffe3ec;stroke:#da127d}
.entry{fill:#ede9fe;stroke:#7c3aed}
.model{fill:#e0fcff;stroke:#2cb1bc}
.person{fill:#f0f4f8;stroke:#627d98}
"""
LIT_STYLE = """
.good{fill:#c6f0cf;stroke:#13683a;stroke-width:2.5}
.busy{fill:#fde8b8;stroke:#b7791f;stroke-width:3}
.bad{fill:#ffc9c9;stroke:#a11c1c;stroke-width:3}
.frame{fill:#f5f7fa}
"""


@dataclass
class Canvas:
    """Collect shapes, then print one SVG document. Units: pixels.

    Args:
        lit: names of boxes and frames, and the class that each has beside its own.
        links: names of boxes, and the address that each leads to.
    """

    lit: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    shapes: list[str] = field(default_factory=list)
    width: float = 0
    height: float = 0

    def _reach(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, x), max(self.height, y)

    def box(self, x: float, y: float, w: float, h: float, style: str, lines: list[str]) -> None:
        """Draw a rounded box with a name and smaller lines below it."""
        self._reach(x + w, y + h)
        style = " ".join(filter(None, (style, self.lit.get(lines[0]))))
        link = self.links.get(lines[0])
        if link:
            self.shapes.append(f'<a href="{escape(link)}" aria-label="{escape(lines[0])}">')
        self.shapes.append(f'<rect class="{style}" x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{h:.0f}" rx="6"/>')
        top = y + h / 2 - (len(lines) - 1) * 7 + 4
        for number, line in enumerate(lines):
            small = ' class="small"' if number else ""
            place = f'x="{x + w / 2:.0f}" y="{top + number * 15:.0f}"'
            self.shapes.append(f'<text{small} {place} text-anchor="middle">{escape(line)}</text>')
        if link:
            self.shapes.append("</a>")

    def frame(self, x: float, y: float, w: float, h: float, title: str) -> None:
        """Draw a titled area behind the boxes that belong together."""
        self._reach(x + w, y + h)
        style = " ".join(filter(None, ("frame", self.lit.get(title.partition(" · ")[0]))))
        self.shapes.append(f'<rect class="{style}" x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{h:.0f}" rx="8"/>')
        self.text(x + 10, y + 17, title, "title")

    def text(self, x: float, y: float, words: str, style: str = "small", anchor: str = "start") -> None:
        """Write a line; `anchor` is start, middle or end."""
        self._reach(x if anchor != "start" else x + 6.5 * len(words), y)
        self.shapes.append(
            f'<text class="{style}" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def path(self, commands: str, extra: str = "") -> None:
        """Draw an arrow along SVG path commands."""
        self.shapes.append(f'<path class="edge {extra}" d="{commands}"/>')

    def dot(self, x: float, y: float) -> None:
        """Mark a box whose failures are caught."""
        self.shapes.append(f'<circle class="fault" cx="{x:.0f}" cy="{y:.0f}" r="4"/>')

    def document(self, title: str, *, is_part_of_page: bool = False) -> str:
        """Give the whole SVG text; without its style for a page that has one for it."""
        width, height = self.width + 16, self.height + 16
        head = '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        style = f"<style>{STYLE}{LIT_STYLE if self.lit else ''}</style>"
        role = "group" if is_part_of_page else "img"
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
                f'width="{width:.0f}" height="{height:.0f}" role="{role}" aria-label="{escape(title)}">',
                "" if is_part_of_page else f"<title>{escape(title)}</title>{style}",
                f'<defs>{head}<path d="M0,0 L8,4 L0,8 z" fill="#627d98"/></marker></defs>',
                f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
                *self.shapes,
                "</svg>",
                "",
            ]
        )

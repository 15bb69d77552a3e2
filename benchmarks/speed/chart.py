"""Results → an SVG of accuracy against throughput, one panel for each set, legible on light and on dark ground."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from speed.figures import Figure
from speed.rivals import CHARACTERS, OURS
from speed.tables import throughput

__all__ = ["chart"]

# Greys and colours in the middle, so that both white and near-black ground leave them contrast.
_INK, _GRID, _OURS, _THEIRS = "#7d858e", "#7d858e55", "#e0661c", "#4f86c6"
_WIDTH, _PANEL, _LEFT, _RIGHT, _TOP, _BOTTOM = 860, 300, 64, 280, 40, 52
_LINE = 20
_NUMBER = 'text-anchor="middle" font-size="10" font-weight="700" fill="#fff"'


@dataclass(frozen=True)
class _Point:
    title: str
    ours: bool
    speed: Figure
    quality: Figure


def chart(results: dict[str, Any]) -> str:
    """Draw the panels one above the other."""
    panels = _panels(results)
    height = _PANEL * len(panels)
    points = [point for _, _, points in panels for point in points]
    scale = _decades(points)
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'font-family="system-ui, sans-serif" font-size="12" fill="{_INK}" role="img">'
        ),
        "<title>Accuracy against throughput on one core: further right is faster, further up is more accurate</title>",
    ]
    for place, (title, measure, inside) in enumerate(panels):
        lines.append(f'<g transform="translate(0 {place * _PANEL})">')
        lines += _panel(title, measure, inside, scale)
        lines.append("</g>")
    return "\n".join([*lines, "</svg>", ""])


def _panels(results: dict[str, Any]) -> list[tuple[str, str, list[_Point]]]:
    """Give title, measure and points of each set, on the texts that are most like those it was judged on."""
    shown = {results["texts"][name]["set"]: name for name in results["texts"] if name not in {"titles", "articles"}}
    panels = []
    for group, text in shown.items():
        points = [
            _Point(
                title=rival["title"],
                ours=key in {OURS, CHARACTERS},
                speed=throughput(results, key, text),
                quality=Figure(*rival["quality"][group]),
            )
            for key, rival in results["rivals"].items()
        ]
        characters = results["texts"][text]["characters"]
        title = f"{text.capitalize()}, {characters:.0f} characters ({group})"
        panels.append((title, results["sets"][group]["measure"], points))
    return panels


def _decades(points: Sequence[_Point]) -> list[float]:
    """Give the ticks 0.2, 0.5, 1, 2, 5, … that hold every point between the first and the last."""
    ticks = [digit * 10.0**power for power in range(-3, 4) for digit in (1, 2, 5)]
    low = max(tick for tick in ticks if tick <= min(point.speed.low for point in points))
    high = min(tick for tick in ticks if tick >= max(point.speed.high for point in points))
    return [tick for tick in ticks if low <= tick <= high]


def _panel(title: str, measure: str, points: Sequence[_Point], ticks: Sequence[float]) -> Iterator[str]:
    base = _PANEL - _BOTTOM
    right = _WIDTH - _RIGHT
    span = math.log(ticks[-1] / ticks[0])
    low, high, step = _levels(points)

    def x(speed: float) -> float:
        return round(_LEFT + math.log(speed / ticks[0]) / span * (right - _LEFT), 1)

    def y(quality: float) -> float:
        return round(base - (quality - low) / (high - low) * (base - _TOP), 1)

    yield f'<text x="{_LEFT}" y="20" font-size="14" font-weight="600">{escape(title)}</text>'
    for tick in ticks:
        yield f'<path d="M{x(tick)} {_TOP}V{base}" stroke="{_GRID}"/>'
        yield f'<text x="{x(tick)}" y="{base + 16}" text-anchor="middle">{tick:g}</text>'
    for level in range(round((high - low) / step) + 1):
        value = low + level * step
        yield f'<path d="M{_LEFT} {y(value)}H{right}" stroke="{_GRID}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y(value) + 4}" text-anchor="end">{value:.2f}</text>'
    yield f'<text x="{(_LEFT + right) / 2}" y="{base + 36}" text-anchor="middle">MB/s on one core, log scale</text>'
    middle = (_TOP + base) / 2
    yield f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">{escape(measure)}</text>'
    # Points and names bear the same number, the rank of accuracy; the best are drawn last, on top.
    ranked = sorted(points, key=lambda point: (-point.quality.value, -point.speed.value))
    for rank, point in reversed(list(enumerate(ranked, start=1))):
        colour = _OURS if point.ours else _THEIRS
        at, height = x(point.speed.value), y(point.quality.value)
        weight = ' font-weight="600"' if point.ours else ""
        place = _TOP + _LINE * rank
        yield f'<path d="M{x(point.speed.low)} {height}H{x(point.speed.high)}" stroke="{colour}" stroke-width="2"/>'
        yield f'<circle cx="{at}" cy="{height}" r="8" fill="{colour}"/>'
        yield f'<text x="{at}" y="{height + 3.5}" {_NUMBER}>{rank}</text>'
        yield f'<circle cx="{right + 28}" cy="{place - 4}" r="8" fill="{colour}"/>'
        yield f'<text x="{right + 28}" y="{place - 0.5}" {_NUMBER}>{rank}</text>'
        yield f'<text x="{right + 42}" y="{place}" fill="{colour}"{weight}>{escape(point.title)}</text>'


def _levels(points: Sequence[_Point]) -> tuple[float, float, float]:
    """Give the lowest and highest level of accuracy and the step between."""
    low, high = (choose(point.quality.value for point in points) for choose in (min, max))
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if (high - low) / step <= 7)
    return math.floor(low / step) * step, math.ceil(high / step + 0.1) * step, step

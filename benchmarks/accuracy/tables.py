"""Results → the tables that the documents quote."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean, pstdev
from typing import Any

from accuracy.methods import FEW_METHODS, METHODS
from accuracy.sets import PUBLISHED, SIZES, SOURCES

__all__ = ["summary", "tables"]

_MEASURES = ("micro", "macro", "exact")
_FEW = {method: METHODS[method].title for method in FEW_METHODS} | {"unlabelled": "tagger, --unlabelled"}
_LINEAR = ("scikit_learn_jieba", "same_features", "complement_nb", "fasttext_characters", "fasttext_jieba")

Few = dict[str, dict[str, list[float]]]


def tables(results: dict[str, Any]) -> Iterator[str]:
    """Give the lines of all tables."""
    yield ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    yield ""
    yield from _head("set", "method", "micro-F1", "macro-F1", "exact", "trained in", "model")
    for name, methods in _in_order(results["full"]):
        yield from _full(name, methods)
    for name, methods in _in_order(results["few"]):
        yield ""
        yield from _few(name, methods)
    if results["few"]:
        yield ""
        yield from _leads(results["few"])
    yield ""
    yield from _head("set", "ECE out of fold", "ECE on test", "precision=0.95 delivers", "topics kept")
    for name, found in _in_order(results["calibration"]):
        yield _row(name, found["out of fold"], found["test"], found["delivered"], found["kept"])


def summary(results: dict[str, Any]) -> Iterator[str]:
    """Give the lines of the short table, of micro-F1 alone."""
    yield from _head("public set", "tagger", "scikit-learn + jieba", "best of four fastTexts", "published")
    for name, methods in _in_order(results["full"]):
        fasttext = max(found["micro"][0] for method, found in methods.items() if method.startswith("fasttext"))
        published = ", ".join(f"{other.method} {other.micro:.3f}" for other in PUBLISHED[name])
        ours, recipe = (methods[method]["micro"][0] for method in ("tagger", "scikit_learn_jieba"))
        yield _row(name, *(f"{value:.3f}" for value in (ours, recipe, fasttext)), published)


def _in_order(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, part[name]) for name in PUBLISHED if name in part)


def _full(name: str, methods: dict[str, Any]) -> Iterator[str]:
    for method, rival in METHODS.items():
        if found := methods.get(method):
            cells = [f"{value:.4f} ({low:.3f}–{high:.3f})" for value, low, high in map(found.get, _MEASURES)]
            yield _row(name, rival.title, *cells, f"{found['seconds']:.0f} s", f"{found['megabytes']:.1f} MB")
    for other in PUBLISHED[name]:
        cells = [f"{value:.4f}" for value in (other.micro, other.macro, other.exact)]
        yield _row(name, f"[{other.method}]({SOURCES[name]}), published", *cells, "", "")


def _few(name: str, methods: Few) -> Iterator[str]:
    sizes = _sizes(name, methods)
    yield from _head(name, *sizes)
    for method, title in _FEW.items():
        cells = (methods[method][size] for size in sizes)
        yield _row(title, *(f"{mean(values):.3f} ± {pstdev(values):.3f}" for values in cells))


def _leads(few: dict[str, Few]) -> Iterator[str]:
    """Tell by how much the default leads each rival, over all sets and sizes."""
    yield from _head("tagger, default, leads by", "points on the average", "at least", "at most")
    for method in _LINEAR:
        leads = [
            100 * (mean(methods["tagger"][size]) - mean(methods[method][size]))
            for name, methods in few.items()
            for size in _sizes(name, methods)
        ]
        yield _row(_FEW[method], *(f"{value:.1f}" for value in (mean(leads), min(leads), max(leads))))


def _sizes(name: str, methods: Few) -> list[str]:
    return [str(size) for size in SIZES[name] if str(size) in methods["tagger"]]


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield "|---" * len(cells) + "|"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"

"""An evaluation → one page: what to make of it, thresholds to try, what was taken for what, what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tagger.errors import SettingsError
from tagger.evaluation import Estimate, Report, shown_words
from tagger.evaluation.resampling import Predictions
from tagger.messages import in_language
from tagger.notebook import percent
from tagger.pages.rendering import render_page
from tagger.pages.words import LANGUAGES, words_in
from tagger.pages.writing import check_page, write_page
from tagger.scoring.linear import best_topics

__all__ = ["write_evaluation"]

# Steps of a curve that a threshold can be set to, and errors that are shown: more is for `--errors FILE`.
_STEPS, _ERRORS = 120, 100
# Characters of a text up to which it is short, and long beyond.
_SHORT, _LONG = 20, 80
_KINDS = 6


def write_evaluation(
    report: Report, output: str | Path, *, language: str = "zh", texts: Sequence[str] | None = None
) -> None:
    """Write a page about an evaluation; one that is there is replaced in one step.

    `texts` are those that were evaluated, in order, for what their length does; without them the page leaves that out.

    Raises:
        DataError: when a page cannot be written under this name.
        RunError: when Jinja2 is not installed, or the page cannot be written.
        SettingsError: when the language is not one of `tagger.pages.LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise SettingsError(f"language is {language!r}: it must be one of {', '.join(LANGUAGES)}")
    path, words = Path(output), words_in(language)
    check_page(path)
    verdict, names = report.verdict, list(report.topics)
    page = render_page(
        "evaluation.html",
        style="page.css",
        script="evaluation.js",
        words=words,
        report=report,
        sentences=[in_language(sentence, language) for sentence in verdict.sentences()],
        topics=[
            {
                "title": topic.title,
                "kind": f"t{names.index(topic.topic) % _KINDS}",
                "scores": report.topics[topic.topic],
                "sentences": [in_language(sentence, language) for sentence in topic.sentences()],
            }
            for topic in verdict.topics
        ],
        titles=[*report.titles.values(), words["no_topic"]],
        lengths=_by_length(report.predictions, texts),
        errors=[
            {
                "place": error.place,
                "text": error.text,
                "labelled": error.labelled_titles or (words["no_topic"],),
                "predicted": error.predicted_titles or (words["no_topic"],),
                "reasons": [
                    {
                        "topic": topic,
                        "percent": percent(topic.probability),
                        "for": shown_words(topic.speaks_for),
                        "against": shown_words(topic.speaks_against),
                    }
                    for topic in error.topics
                ],
            }
            for error in report.errors[:_ERRORS]
        ],
        measure=_measure,
        data={"words": {"told": words["told"]}, "curves": _curves(report)},
    )
    write_page(page, path)


def _measure(estimate: Estimate) -> str:
    """Return a measure with its interval, as 0.88 (0.82–0.93)."""
    if estimate.value is None:
        return "–"
    interval = "" if estimate.low is None else f" ({estimate.low:.2f}–{estimate.high:.2f})"
    return f"{estimate.value:.2f}{interval}"


def _curves(report: Report) -> list[dict[str, Any]]:
    """Return for each topic how many would be given, and how many of them right, from each threshold on."""
    p = report.predictions
    if p is None:
        return []
    # Where topics exclude one another, only the best one is given, if it is probable enough.
    probability = np.where(best_topics(p.probability), p.probability, -1.0) if p.exclusive else p.probability
    curves = []
    for column, name in enumerate(p.topics):
        order = np.argsort(-probability[:, column], kind="stable")
        values, right = probability[order, column], np.cumsum(p.target[order, column])
        # The last of equal probabilities stands for all of them.
        ends = np.flatnonzero(np.append(np.diff(values) != 0, True) & (values >= 0))
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, min(_STEPS, len(ends))).astype(np.int64))]
        assigned = p.assigned[:, column]
        curves.append(
            {
                "title": report.titles[name],
                "examples": int(p.target[:, column].sum()),
                "now": [int(assigned.sum()), int((assigned & p.target[:, column]).sum())],
                # Threshold in thousandths, given, right.
                "steps": [[1000, 0, 0], *([int(1000 * values[n]), n + 1, int(right[n])] for n in ends.tolist())],
            }
        )
    return curves


def _by_length(predictions: Predictions | None, texts: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return for short, middling and long texts how sure the given topics were, and how many of them were right."""
    if predictions is None or texts is None:
        return []
    size = np.array([len(text) for text in texts])
    classes = {"short": size < _SHORT, "middling": (size >= _SHORT) & (size < _LONG), "long": size >= _LONG}
    found = []
    for name, chosen in classes.items():
        assigned = predictions.assigned[chosen]
        given = int(assigned.sum())
        sure = float(predictions.probability[chosen][assigned].sum())
        right = int(predictions.target[chosen][assigned].sum())
        whole = max(1, given)
        found.append(
            {"name": name, "texts": int(chosen.sum()), "given": given, "sure": sure / whole, "right": right / whole}
        )
    return found

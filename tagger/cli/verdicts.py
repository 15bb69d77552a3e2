"""Verdicts, examples that were wrong, and what the terms mean → what a person reads of a report first and last."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from tagger.cli.printing import printable
from tagger.evaluation import Verdict, WrongExample, WrongTopic, shown_words
from tagger.messages import _

__all__ = ["print_errors", "print_terms", "print_verdict"]

# Topics of which something is said: of hundreds, those in which something must be done.
_TOPICS = 12
_ERRORS = 10
_INDENT = 2
_TERMS = {
    "examples": "how many texts have the topic.",
    "precision": "of the texts that were given the topic, the share that has it.",
    "recall": "of the texts that have the topic, the share that was given it.",
    "F1": "both in one figure, their harmonic mean: low where either is low.",
    "AP": "average precision: how well texts are ordered by the topic's probability, at any threshold; 1 is best.",
    "macro": "the mean over topics: each counts alike, the rare ones too.",
    "micro": "over all texts and topics together: frequent topics count more.",
    "in brackets": "the 95% interval, by drawing documents again: with other documents, expect figures in it.",
    "exact match": "the share of texts that were given exactly the topics that they have.",
    "false tag rate": "of the texts without a topic, the share that was given one.",
    "calibration": "whether of texts with a probability of 80% eight in ten are right; its error is 0 at best.",
    "Brier score": "the mean squared distance of probabilities from what is so; 0 is best.",
    "coverage": "what is left when only the surest topics are kept.",
}


def print_verdict(console: Console, verdict: Verdict) -> None:
    """Print what is to be said of the whole and of each topic, the worst first."""
    for sentence in verdict.sentences():
        console.print(_plain(str(sentence)))
    console.print()
    for topic in verdict.topics[:_TOPICS]:
        console.print(_named(topic.title, topic.topic))
        said = " ".join(map(str, topic.sentences()))
        _print_indented(console, _plain(said))
    rest = len(verdict.topics) - _TOPICS
    if rest > 0:
        text = "{number} more topics are no worse; --json tells of all."
        console.print(_plain(_(text, number=rest), "dim"))
    console.print()


def print_errors(console: Console, errors: Sequence[WrongExample], *, all_in: str | None = None) -> None:
    """Print the worst of the examples that were wrong; `all_in` is the file that has all of them."""
    if not errors:
        return
    shown = _("the worst {shown} of {number}", shown=min(_ERRORS, len(errors)), number=len(errors))
    console.print(Text.assemble(("Examples that were wrong", "bold"), f": {shown}"))
    for error in errors[:_ERRORS]:
        values: dict[str, object] = {
            "labelled": ", ".join(error.labelled_titles) or "no topic",
            "predicted": ", ".join(error.predicted_titles) or "no topic",
        }
        what = _("labelled {labelled}, tagged {predicted}", **values)
        console.print(Text.assemble((printable(error.place), "bold"), "  ", printable(what)))
        for topic in error.topics[:2]:
            _print_indented(console, _reasons(topic))
        line = _plain(" ".join(error.text.split()), "dim")
        line.truncate(max(1, console.width - _INDENT), overflow="ellipsis")
        _print_indented(console, line)
    where = "all of them are in {file}" if all_in else "--errors FILE.csv writes all of them, with the whole texts"
    console.print(_plain(_(where, file=all_in) + "\n", "dim"))


def print_terms(console: Console) -> None:
    """Print what the terms of a report mean."""
    console.print("[bold]What the terms mean[/bold]")
    for term, meaning in _TERMS.items():
        console.print(Text.assemble((term, "bold"), f": {meaning}"))
    console.print()


def _reasons(topic: WrongTopic) -> Text:
    values: dict[str, object] = {
        "title": topic.title,
        "probability": f"{min(99, int(100 * topic.probability))}%",
        "words_for": " ".join(shown_words(topic.speaks_for)) or "–",
        "words_against": " ".join(shown_words(topic.speaks_against)) or "–",
    }
    if not (topic.speaks_for or topic.speaks_against):
        return _plain(_("{title} {probability}", **values))
    return _plain(_("{title} {probability}; for it: {words_for}; against: {words_against}", **values))


def _print_indented(console: Console, text: Text) -> None:
    for line in text.wrap(console, max(1, console.width - _INDENT)):
        line.rstrip()
        console.print(Text.assemble(" " * _INDENT, line))


def _named(title: str, name: str) -> Text:
    return Text.assemble((printable(title), "bold"), "" if title == name else (f"  {printable(name)}", "dim"))


def _plain(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)

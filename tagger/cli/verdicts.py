"""Verdicts, examples that were wrong, and what the terms mean → what a person reads of a report first and last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from rich.console import Console
from rich.text import Text

from tagger.cli.printing import printable
from tagger.cli.wrapping import print_wrapped
from tagger.evaluation import Verdict, WrongExample, WrongTopic, shown_words
from tagger.messages import N_, Message, _, _n, joined

__all__ = ["headed", "print_errors", "print_terms", "print_verdict"]

# Topics of which something is said: of hundreds, those in which something must be done.
_TOPICS = 12
_ERRORS = 10
_INDENT = 2
_TERMS = {
    N_("examples"): N_("how many texts have the topic."),
    N_("precision"): N_("of the texts that were given the topic, the share that has it."),
    N_("recall"): N_("of the texts that have the topic, the share that was given it."),
    N_("F1"): N_("both in one figure, their harmonic mean: low where either is low."),
    N_("AP"): N_(
        "average precision: how well texts are ordered by the topic's probability, at any threshold; 1 is best."
    ),
    N_("macro"): N_("the mean over topics: each counts alike, the rare ones too."),
    N_("micro"): N_("over all texts and topics together: frequent topics count more."),
    N_("in brackets"): N_("the 95% interval, by drawing documents again: with other documents, expect figures in it."),
    N_("exact match"): N_("the share of texts that were given exactly the topics that they have."),
    N_("false tag rate"): N_("of the texts without a topic, the share that was given one."),
    N_("calibration"): N_("whether of texts with a probability of 80% eight in ten are right; its error is 0 at best."),
    N_("Brier score"): N_("the mean squared distance of probabilities from what is so; 0 is best."),
    N_("coverage"): N_("what is left when only the surest topics are kept."),
    N_("￨ in words"): N_("where the text begins or ends."),
}


def print_verdict(console: Console, verdict: Verdict) -> None:
    """Print what is to be said of the whole and of each topic, the worst first."""
    for sentence in verdict.sentences():
        print_wrapped(console, _plain(sentence))
    console.print()
    for topic in verdict.topics[:_TOPICS]:
        console.print(_named(topic.title, topic.topic))
        said = reduce(_one_after_another, topic.sentences())
        print_wrapped(console, _plain(said), indent=_INDENT)
    rest = len(verdict.topics) - _TOPICS
    if rest > 0:
        said = _n(
            "{n} more topic is no worse; --json tells of all.",
            "{n} more topics are no worse; --json tells of all.",
            rest,
        )
        print_wrapped(console, _plain(said, "dim"))
    console.print()


def print_errors(console: Console, errors: Sequence[WrongExample], *, all_in: str | None = None) -> None:
    """Print the worst of the examples that were wrong; `all_in` is the file that has all of them."""
    if not errors:
        return
    shown = _("the worst {shown} of {number}", shown=min(_ERRORS, len(errors)), number=len(errors))
    print_wrapped(console, headed(_("Examples that were wrong"), shown))
    for error in errors[:_ERRORS]:
        labelled, predicted = (
            joined(titles) or _("no topic") for titles in (error.labelled_titles, error.predicted_titles)
        )
        what = _("labelled {labelled}, tagged {predicted}", labelled=labelled, predicted=predicted)
        print_wrapped(console, Text.assemble((printable(error.place), "bold"), "  ", printable(what)))
        for topic in error.topics[:2]:
            print_wrapped(console, _reasons(topic), indent=_INDENT)
        line = _plain(" ".join(error.text.split()), "dim")
        line.truncate(max(1, console.width - _INDENT), overflow="ellipsis")
        print_wrapped(console, line, indent=_INDENT)
    where = (
        _("all of them are in {file}", file=all_in)
        if all_in
        else _("--errors FILE.csv writes all of them, with the whole texts")
    )
    print_wrapped(console, _plain(where, "dim"))
    console.print()


def print_terms(console: Console) -> None:
    """Print what the terms of a report mean."""
    print_wrapped(console, _plain(_("What the terms mean"), "bold"))
    for term, meaning in _TERMS.items():
        print_wrapped(console, headed(_(term), _(meaning)))
    console.print()


def _reasons(topic: WrongTopic) -> Text:
    probability = f"{min(99, int(100 * topic.probability))}%"
    if not (topic.speaks_for or topic.speaks_against):
        return _plain(f"{topic.title} {probability}")
    said = _(
        "{title} {probability}; for it: {words_for}; against: {words_against}",
        title=topic.title,
        probability=probability,
        words_for=" ".join(shown_words(topic.speaks_for)) or "–",
        words_against=" ".join(shown_words(topic.speaks_against)) or "–",
    )
    return _plain(said)


def headed(heading: Message, text: Message) -> Text:
    """Return a heading and what it is about, in one line."""
    said = _("{heading}: {text}", heading=heading, text=text)
    found = _plain(said)
    start = said.index(heading)
    found.stylize("bold", start, start + len(heading))
    return found


def _one_after_another(before: Message, sentence: Message) -> Message:
    return _("{before} {sentence}", before=before, sentence=sentence)


def _named(title: str, name: str) -> Text:
    return Text.assemble((printable(title), "bold"), "" if title == name else (f"  {printable(name)}", "dim"))


def _plain(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)

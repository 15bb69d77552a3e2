"""tagger explain: a text → the contributions that make its scores."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from tagger.cli.group import as_json_option, model_option, simplify_option, wants_page
from tagger.cli.printing import echo, print_json, printable
from tagger.cli.sections import Command
from tagger.messages import _, joined
from tagger.tagger import load
from tagger.text import LOOKS_TRADITIONAL, check_text, decode, looks_traditional

__all__ = ["explain"]


@click.command(cls=Command, epilog="Example: tagger explain 民警在银行柜台劝住了汇款的老人。")
@click.argument("text")
@model_option
@click.option("--topic", help="Explain this topic only.")
@simplify_option
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Contributions shown.")
@as_json_option
def explain(text: str, folder: str | None, *, topic: str | None, top: int, simplify: bool, as_json: bool) -> None:
    """Explain the topics of TEXT, taken as one paragraph; - reads it from standard input.

    The contributions of a topic (all of them, with --json) and its bias add up to its score. On a terminal the most
    probable topic comes last, so that it stays in sight.
    """
    tagger = load(folder, simplify=simplify)
    if text == "-":
        data, source = sys.stdin.buffer.read(), _("standard input")
        check_text(data, source=source)
        text = decode(data, source=source).strip()
    if not tagger.settings.simplify and looks_traditional(text):
        echo(_("the text {remark}", remark=_(LOOKS_TRADITIONAL)), err=True)
    if topic is not None and topic not in tagger.topics:
        known = printable(joined(tagger.topics))
        text = _("{topic!r} is not one of {known}", topic=topic, known=known)
        raise click.BadParameter(text, param_hint="'--topic'")
    explanations = [found for found in tagger.explain(text) if topic in (None, found.topic)]
    if wants_page(as_json=as_json):
        from tagger.cli.pages import print_explanations  # noqa: PLC0415 - rich takes a while

        print_explanations(explanations[::-1], top=top)
    else:
        for found in explanations:
            print_json(asdict(found))

"""What to label next → a sheet or JSON lines that are labels as they stand; keywords → a topics.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson

from tagger.curation.proposing import TopicProposals
from tagger.curation.suggesting import Suggestion
from tagger.errors import RunError
from tagger.files import atomic_file
from tagger.formats.sheets import check_sheet, write_sheet
from tagger.messages import N_, _, translated
from tagger.records import Example, Topic

__all__ = ["check_list", "spell_topics", "suggestion_record", "topics_toml", "write_suggestions"]

_JSON_LINES = ".jsonl"
# Labels are read by such names; the others are none that a column of labels could have.
_HEADERS = {
    "en": ("text", "topics", "suggestion", "probability", "why", "document", "line"),
    "zh": ("文本", "标签", "建议", "把握", "为何", "文档", "行"),
}
_WHY = {"unsure": N_("unsure"), "rare": N_("rare"), "new": N_("new"), "random": N_("random")}
# What Excel offers in a cell is no longer than this.
_LONGEST_CHOICES = 255
_BARE = re.compile("[A-Za-z0-9_-]+")


def check_list(path: str | Path, *, overwrite: bool) -> None:
    """Check that a list could be written here, before work is done for it.

    Raises:
        DataError: when the name has another ending.
        RunError: when it is there already, and may hold work; or it is a workbook and XlsxWriter is not installed.
    """
    if Path(path).suffix.lower() != _JSON_LINES:
        check_sheet(path)
    if Path(path).exists() and not overwrite:
        raise RunError(
            _("{file}: is there already and may hold labels: name another file, or give --overwrite", file=path)
        )


def spell_topics(topics: Sequence[Topic], written: Iterable[Example]) -> dict[str, str]:
    """Return how each topic is to be written: as labels have it, by name or by title; by title where there are none.

    `written` are labels as they stand in their file. Titles that are not told apart, or hold |, are not used.
    """
    names = {topic.name: topic.name for topic in topics}
    titles = {topic.name: topic.title for topic in topics}
    found = [name for example in written for name in example.topics]
    by_name = sum(name in names for name in found)
    by_title = sum(name in titles.values() for name in found)
    unclear = len({*titles.values()}) < len(titles) or any("|" in title for title in titles.values())
    return names if unclear or by_name > by_title else titles


def suggestion_record(text: Suggestion, spelling: dict[str, str], *, blind: bool = False) -> dict[str, Any]:
    """Return a suggestion as a record that is a label as it stands; `blind` tells nothing of the guess."""
    guess = [spelling[name] for name in text.topics]
    return {
        "text": text.text,
        "topics": [] if blind else guess,
        "suggestion": [] if blind else guess,
        "probability": None if blind else round(text.probability, 4),
        "why": text.why,
        "document": text.document,
        "line": text.line,
    }


def write_suggestions(
    path: str | Path,
    texts: Sequence[Suggestion],
    spelling: dict[str, str],
    *,
    blind: bool = False,
    language: Literal["zh", "en"] = "zh",
) -> None:
    """Write what to label next as a sheet with a header in a language, or as JSON lines with names in English.

    Raises:
        DataError: when a workbook cannot hold it, or the name has another ending.
        RunError: when it cannot be written, or XlsxWriter is not installed.
    """
    records = [suggestion_record(text, spelling, blind=blind) for text in texts]
    if Path(path).suffix.lower() == _JSON_LINES:
        with atomic_file(path) as file:
            file.writelines(orjson.dumps(record) + b"\n" for record in records)
        return
    header = _HEADERS[language]
    offered = [spelling[name] for name in sorted(spelling)]
    fits = len(",".join(offered)) <= _LONGEST_CHOICES and not any("," in name for name in offered)
    write_sheet(
        path,
        header,
        (_cells(record, language) for record in records),
        choices={header[1]: offered} if fits else None,
        exact=[header[0], header[1], header[5]],
    )


def _cells(record: dict[str, Any], language: Literal["zh", "en"]) -> list[str | float | None]:
    why = translated(_WHY[record["why"]], language)
    cells = record | {"topics": "|".join(record["topics"]), "suggestion": "|".join(record["suggestion"]), "why": why}
    return [cells[name] for name in _HEADERS["en"]]


def topics_toml(found: Sequence[TopicProposals]) -> str:
    """Return a topics.toml of these topics, with the keywords that they have and, behind them, those proposed."""
    return "\n".join(line for proposals in found for line in _table(proposals))


def _table(proposals: TopicProposals) -> Iterator[str]:
    topic = proposals.topic
    yield f"[{topic.name if _BARE.fullmatch(topic.name) else _quoted(topic.name)}]"
    yield f"title = {_quoted(topic.title)}"
    if topic.description:
        yield f"description = {_quoted(topic.description)}"
    yield "keywords = ["
    for keyword in topic.keywords:
        yield f"    {_quoted(keyword)},"
    proposed = _("proposed")
    yield f"    # {proposed}"
    for proposal in proposals.words:
        if not proposal.known:
            said = _(
                "{inside} of {likely}, {outside} of {others}",
                inside=proposal.inside,
                likely=proposals.likely,
                outside=proposal.outside,
                others=proposals.others,
            )
            yield f"    {_quoted(proposal.word)},  # {said}"
    yield "]"
    yield ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

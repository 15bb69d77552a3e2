"""Findings → a file that people decide in: a workbook or CSV, or JSON lines for programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Literal

import orjson

from tagger.curation.checking import Check
from tagger.curation.findings import Finding
from tagger.errors import DataError, Problem
from tagger.files import atomic_file
from tagger.formats.sheets import SHEETS, check_sheet, write_sheet
from tagger.messages import N_, _, _n, in_language, joined, translated

__all__ = ["COLUMNS", "DECISIONS", "Language", "check_findings_file", "problem_title", "write_findings"]

Language = Literal["zh", "en"]

COLUMNS: dict[str, tuple[str, ...]] = {
    "en": (
        "line",
        "document",
        "paragraph",
        "problem",
        "wrong",
        "topics",
        "suggestion",
        "decision",
        "evidence",
        "text",
        "key",
    ),
    "zh": ("行", "文档", "段落", "问题", "把握", "现标", "建议", "决定", "依据", "文本", "键"),
}
"""The header of a file of findings, by language."""

DECISIONS: dict[str, tuple[str, ...]] = {"en": ("change", "keep", "unsure"), "zh": ("改", "对", "拿不准")}
"""What is written into the column of decisions, beside topics: take the suggestion, it is right, leave it."""

_NONE = {"en": "none", "zh": "无"}
# Of a text a reader of a list needs no more, and a cell of a workbook holds 32,767.
_LONGEST = 2_000
_JSON_LINES = ".jsonl"


def check_findings_file(path: str | Path) -> None:
    """Check that findings could be written here, before work is done for it.

    Raises:
        DataError: when the name has another ending.
        RunError: when it is a workbook and XlsxWriter is not installed.
    """
    ending = Path(path).suffix.lower()
    if ending == _JSON_LINES:
        return
    if ending not in SHEETS:
        endings = joined(sorted({*SHEETS, _JSON_LINES}))
        raise DataError(str(path), Problem(_("is not written: name it {endings}", endings=endings)))
    check_sheet(path)


def write_findings(found: Check, path: str | Path, *, language: Language = "zh") -> int:
    """Write findings, and the pairs of topics that are confused behind them; return how many rows there are.

    The file's ending decides: `.xlsx`, `.csv` and `.tsv` have a header in the language, with titles of topics and a
    column for decisions; `.jsonl` has the records as they are.

    Raises:
        DataError: when the name has another ending.
        RunError: when it cannot be written, or XlsxWriter is not installed.
    """
    check_findings_file(path)
    if Path(path).suffix.lower() == _JSON_LINES:
        with atomic_file(path) as file:
            for finding in found.findings:
                file.write(orjson.dumps(asdict(finding.in_english()) | {"decision": ""}) + b"\n")
        return len(found.findings)
    titles = {topic.name: topic.title for topic in found.topics}
    rows = [_row(finding, titles, language) for finding in found.findings]
    rows += [
        _row(
            Finding("confused topics", topics=(pair.labelled,), note=f"→ {titles[pair.likelier]} × {pair.number}"),
            titles,
            language,
        )
        for pair in found.confusions
    ]
    header = COLUMNS[language]
    choices = {header[COLUMNS["en"].index("decision")]: DECISIONS[language]}
    write_sheet(path, header, rows, choices=choices, exact=[header[-1]])
    return len(rows)


def problem_title(kind: str, language: Language) -> str:
    """Return what a kind of finding is called."""
    return translated(kind, language)


def _row(finding: Finding, titles: dict[str, str], language: Language) -> list[str | float | None]:
    text = finding.text if len(finding.text) <= _LONGEST else finding.text[:_LONGEST] + "…"
    suggestion = None if finding.suggestion is None else _names(finding.suggestion, titles) or _NONE[language]
    return [
        finding.line,
        finding.document,
        finding.paragraph,
        problem_title(finding.kind, language),
        None if finding.wrong is None else round(finding.wrong, 2),
        _names(finding.topics, titles),
        suggestion,
        None,
        _evidence(finding, language),
        text,
        finding.key,
    ]


def _names(names: tuple[str, ...], titles: dict[str, str]) -> str:
    return "|".join(titles.get(name, name) for name in names)


def _evidence(finding: Finding, language: Language) -> str:
    said = [f"{part.feature} {part.value:+.1f}" for part in finding.evidence]
    if finding.similarity is not None:
        said.append(f"{finding.similarity:.0%}")
    if finding.lines:
        lines = ", ".join(map(str, finding.lines[:5])) + (" …" if len(finding.lines) > 5 else "")
        said.append(in_language(_n("line {lines}", "lines {lines}", len(finding.lines), lines=lines), language))
    return str(in_language(joined(filter(None, [finding.note, " ".join(said)]), N_("{first}; {second}")), language))

"""What a value shows of itself: a short line in a REPL, a small table of HTML in a notebook.

Notebooks have colours of their own, light or dark, so these tables have none. No template engine is needed, as records
show themselves wherever they are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from tagger.messages import _, joined

__all__ = ["Bar", "faint", "percent", "shorten", "show_table", "show_tags"]

_TABLE = "text-align:left;border-collapse:collapse"
_CELL = "text-align:left;vertical-align:top;padding:.15em .8em .15em 0;white-space:pre-wrap;unicode-bidi:isolate"
# As many tags as fit a line.
_TAGS = 5
# Characters of a cell: a paragraph of a page.
_CHARACTERS = 2000


class Bar(NamedTuple):
    """A cell that is a bar, as long as this share of the column, from 0 to 1."""

    share: float


class _Faint(str):
    """A cell that is less important than the others."""

    __slots__ = ()


def faint(text: str) -> str:
    """Return a cell that is shown faintly."""
    return _Faint(text)


def percent(probability: float) -> str:
    """Return a probability in whole percent, rounded down: nothing is certain.

    >>> percent(0.999)
    '99%'
    """
    return f"{min(99, int(100 * probability))}%"


def shorten(text: str, length: int = 30) -> str:
    r"""Return the beginning of a text as Python spells it, so that nothing in it steers a terminal.

    >>> shorten("民警在银行柜台劝住了老人。", 4), shorten("\x1b[1m")
    ("'民警在银…'", "'\\x1b[1m'")
    """
    return repr(text if len(text) <= length else f"{text[:length]}…")


def show_tags(tags: Iterable[tuple[str, float]]) -> str:
    """Return titles of topics with their probabilities in a line; "no topic" without any.

    >>> show_tags([("反诈", 0.987), ("执法办案", 0.6)])
    "'反诈' 98%, '执法办案' 60%"
    """
    shown = [f"{shorten(title)} {percent(probability)}" for title, probability in tags]
    more = [_("{number} more", number=len(shown) - _TAGS)] if len(shown) > _TAGS else []
    return joined([*shown[:_TAGS], *more]) or _("no topic")


def show_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str | Bar]]) -> str:
    """Return a table of HTML; everything in it is text."""
    head = f"<caption style='{_CELL};font-weight:bold'>{_markup(caption)}</caption>"
    names = "".join(f"<th style='{_CELL}'>{_markup(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table style='{_TABLE}'>{head}<thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: str | Bar) -> str:
    if isinstance(cell, Bar):
        width = f"width:{6 * min(1.0, max(0.0, cell.share)):.2f}em"
        return f"<td style='{_CELL}'><div style='{width};height:.8em;background:currentColor;opacity:.5'></div></td>"
    dim = ";opacity:.6" if isinstance(cell, _Faint) else ""
    return f"<td style='{_CELL}{dim}'>{_markup(cell)}</td>"


def _markup(text: str) -> str:
    """Return a text as HTML, the beginning of a long one, with a question mark for halves of characters."""
    text = text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}…"
    return escape(text.encode("utf-8", "replace").decode("utf-8"))

"""Help in Chinese on a terminal: measured in its cells, and broken between characters, as Chinese has no blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click
from rich.cells import cell_len

from tagger.cli.wrapping import wrap
from tagger.messages import _

__all__ = ["ChineseHelp", "wrap"]

# What has to stay beside a command's name for its arguments to follow on the same line, as click has it.
_ROOM = 20


class ChineseHelp(click.HelpFormatter):
    """Writes help as click does, in columns of cells."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage; arguments that do not fit go below."""
        begin = f"{_('Usage:') if prefix is None else prefix}{prog} "
        indent = cell_len(begin)
        if self.width - indent < _ROOM:
            self.write(f"{begin.rstrip()}\n")
            begin, indent = " " * 4, 4
        lines = wrap(args, self.width - indent) or [""]
        self.write(f"{begin}{lines[0]}".rstrip() + "\n")
        self.write("".join(f"{' ' * indent}{line}\n" for line in lines[1:]))

    def write_heading(self, heading: str) -> None:
        """Write the title of a section."""
        self.write(f"{' ' * self.current_indent}{heading}：\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        self.write("".join(_indented(_lines(text, self.width - self.current_indent), self.current_indent)))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write two columns; what is too wide for the first one has a line of its own."""
        rows = list(rows)
        column = min(max((cell_len(first) for first, _second in rows), default=0), col_max) + col_spacing
        for first, second in rows:
            lines = _lines(second, max(self.width - self.current_indent - column, 10))
            room = column - cell_len(first)
            begin = f"{' ' * self.current_indent}{first}"
            if lines and room >= col_spacing:
                begin += f"{' ' * room}{lines.pop(0)}"
            self.write(f"{begin}\n")
            self.write("".join(_indented(lines, self.current_indent + column)))


def _lines(text: str, width: int) -> list[str]:
    """Return the lines of all paragraphs, with an empty one between them."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines += ["", *wrap(paragraph.replace("\n", " "), width)]
    return lines[1:]


def _indented(lines: Iterable[str], indent: int) -> Iterator[str]:
    return (f"{' ' * indent}{line}".rstrip() + "\n" for line in lines)

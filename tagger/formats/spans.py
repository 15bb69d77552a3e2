"""Where a cell, a value or a label stands in the bytes of a file, so that it can be changed and nothing else."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from tagger.formats.delimited import Dialect
from tagger.text.decoding import Errors, codec_of

__all__ = ["RawLines", "Span", "find_cells", "find_value"]

Span = tuple[int, int]
_decoder = json.JSONDecoder()
_SPACE = " \t\r\n"


class RawLines:
    r"""The bytes of a text file as the lines that it is read in, which end at \n, \r or both.

    Attributes:
        codec: the encoding in which what is written must be encoded; it writes no mark.
    """

    def __init__(self, data: bytes, encoding: str, errors: Errors) -> None:
        self._data = data
        self.codec, self._handler, mark = codec_of(data, encoding, errors)
        width = len("\n".encode(self.codec))
        order = ">" if self.codec.endswith("be") else "<"
        units = np.frombuffer(data, f"{order}u{width}", count=(len(data) - mark) // width, offset=mark)
        after_return = np.append(units[1:], 0) == ord("\n")
        ends = np.flatnonzero((units == ord("\n")) | ((units == ord("\r")) & ~after_return))
        self._starts = [mark, *(mark + width * (ends + 1)).tolist()]

    def texts(self, line: int) -> Iterator[str]:
        """Yield the text of each line from a 1-based one on, with its line end."""
        ends = self._starts[line:]
        for start, end in zip(self._starts[line - 1 :], chain(ends, [len(self._data)]), strict=False):
            yield self._data[start:end].decode(self.codec, self._handler)

    def bytes_of(self, line: int, span: Span) -> Span:
        """Return which bytes of the file a span of characters has, counted from the beginning of a line."""
        start = self._starts[line - 1]
        decoder = codecs.getincrementaldecoder(self.codec)(self._handler)
        read, at = 0, start
        places = []
        for wanted in span:
            while read < wanted:
                read += len(decoder.decode(self._data[at : at + 1]))
                at += 1
            places.append(at)
        return places[0], places[1]


def find_cells(lines: Iterator[str], dialect: Dialect) -> tuple[str, list[Span]]:
    """Return the text of the row that begins with the first line, and where in it each cell stands, quotes included.

    A quotation mark that is not closed takes all lines: that is no row.
    """
    text = next(lines)
    cells: list[Span] = []
    at = 0
    while True:
        start = at
        if dialect.quoted and text.startswith('"', at):
            at += 1
            while (end := text.find('"', at)) < 0 or text.startswith('""', end):
                if end >= 0:
                    at = end + 2
                elif more := next(lines, ""):
                    text += more
                else:
                    return text, []
            at = end + 1
        else:
            while at < len(text) and text[at] != dialect.delimiter and text[at] not in "\r\n":
                at += 1
        cells.append((start, at))
        if not text.startswith(dialect.delimiter, at):
            return text, cells
        at += 1


def find_value(text: str, path: Sequence[str]) -> Span | None:
    """Return where in a JSON object the value of a field stands; a path of several names goes into objects in it.

    Of a field that is there twice it is the last, as readers have it; None where there is none.
    """
    start, found = _skip(text, 0), None
    for name in path:
        found = None
        if not text.startswith("{", start):
            return None
        at = _skip(text, start + 1)
        while text.startswith('"', at):
            key, at = _decoder.raw_decode(text, at)
            begin = _skip(text, _skip(text, at) + 1)
            _, end = _decoder.raw_decode(text, begin)
            if key == name:
                found = begin, end
            at = _skip(text, _skip(text, end) + 1)
        if found is None:
            return None
        start = found[0]
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at

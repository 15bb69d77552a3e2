"""bytes → text: the encodings that Chinese text comes in, and a clear no to anything else."""

from __future__ import annotations

import codecs
from pathlib import Path

from tagger.errors import DataError, DecodeError, Problem

__all__ = ["decode", "read_text"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# UTF-8 text that was cut or spliced has a few bad bytes; of GB18030 text read as UTF-8, four characters in five beyond
# ASCII come out as U+FFFD (.79 in each of the seeds).
_BROKEN_UTF8 = 0.5

# The share of zero bytes from which bytes that are good UTF-8 are ASCII in UTF-16: there it is one in two, and
# anything less is a stray NUL.
_NULS_IN_ASCII = 0.4

# The share of characters of Chinese text (Han, ASCII, and the punctuation of both) from which bytes are text in the
# encoding tried. Other bytes read as UTF-16 are Han by chance one time in three.
_CHINESE = 0.9
# Fewer characters do not tell one encoding from another.
_LEAST = 50


def decode(data: bytes, *, source: str = "<bytes>", encoding: str | None = None) -> str:
    """Decode UTF-8 (with or without byte order mark), UTF-16 or GB18030, or the encoding given.

    Nothing is replaced or dropped: bytes that do not decode are an error. `source` names the data in that error.

    >>> decode("反诈".encode("gb18030"))
    '反诈'
    >>> decode("反诈".encode("utf-16"))
    '反诈'

    Raises:
        DecodeError: when the bytes are no text in the encoding, with the offset of the first that is not.
    """
    if encoding is not None:
        return _decode_as(data, encoding, source)
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], marked, source, skipped=len(mark))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if (utf16 := _unmarked_utf16(data)) is not None:
            return utf16
        if _looks_like_utf8(data):
            raise _failure(source, "UTF-8", error.start, data) from None
        text = _decode_as(data, "gb18030", source)
        if _is_big5(data, text):
            raise _failure(source, "UTF-8", error.start, data) from None
        return text
    zeros = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 == 0 and not min(zeros) and max(zeros) > _NULS_IN_ASCII * len(data):
        return _decode_as(data, "utf-16-be" if zeros[0] else "utf-16-le", source)
    return text


def read_text(path: str | Path, *, encoding: str | None = None) -> str:
    """Read a text file in any encoding that `decode` knows.

    Raises:
        DecodeError: when its bytes are no text.
        DataError: when there is no such file, or it cannot be read.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(str(path), Problem(f"cannot be read: {error.strerror}; check the path")) from error
    return decode(data, source=str(path), encoding=encoding)


def _decode_as(data: bytes, encoding: str, source: str, *, skipped: int = 0) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _failure(source, encoding.upper(), error.start, data, skipped=skipped) from None
    except (LookupError, ValueError):
        raise DataError(source, Problem(f"unknown encoding {encoding!r}: give one such as gb18030 or big5")) from None


def _failure(source: str, encoding: str, offset: int, data: bytes, *, skipped: int = 0) -> DecodeError:
    return DecodeError(
        source,
        f"byte {data[offset]:#04x} at offset {offset + skipped} is not {encoding}; "
        "name the file's encoding (encoding='big5', --encoding big5) or save it as UTF-8",
        offset=offset + skipped,
    )


def _looks_like_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", errors="replace")
    wide = sum(1 for character in text if character > "\x7f")
    return text.count("�") < _BROKEN_UTF8 * wide


def _unmarked_utf16(data: bytes) -> str | None:
    """Read UTF-16 without a mark: in one of its byte orders it is Chinese text, which nothing else is."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _chinese_share(text) >= _CHINESE:
            return text
    return None


def _is_big5(data: bytes, text: str) -> bool:
    """Return whether it is Big5, which GB18030 reads as something else: read as Big5 more of it is Chinese then."""
    if len(text) < _LEAST:
        return False
    try:
        other = data.decode("big5")
    except UnicodeDecodeError:
        return False
    return _chinese_share(text) < _CHINESE <= _chinese_share(other)


def _chinese_share(text: str) -> float:
    usual = sum(
        "\x20" <= c <= "\x7e" or c in "\t\n\r" or "\u4e00" <= c <= "\u9fff" or "\u2010" <= c <= "\u2026"
        or "\u3000" <= c <= "\u301f" or "\uff01" <= c <= "\uff5e"
        for c in text
    )  # fmt: skip
    return usual / max(1, len(text))

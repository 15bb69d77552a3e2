"""bytes → text: the encodings that Chinese text comes in, and a clear no to anything else."""

from __future__ import annotations

import codecs
from pathlib import Path

from tagger.errors import DataError, DecodeError, Problem

__all__ = ["decode", "read_text"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# UTF-8 text that was cut or spliced has a few bad bytes; GB18030 text read as UTF-8 has hardly a good one: on
# Chinese prose fewer than one in a hundred of its double bytes happens to be UTF-8.
_BROKEN_UTF8 = 0.5

# The share of zero bytes in UTF-16: in Chinese only line ends, digits and spaces have one; ASCII has one in two,
# and anything less in bytes that are good UTF-8 is a stray NUL.
_NULS_IN_CHINESE = 0.005
_NULS_IN_ASCII = 0.4


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
            return _decode_as(data, marked, source)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if (unmarked := _unmarked_utf16(data, least=_NULS_IN_CHINESE)) is not None:
            return _decode_as(data, unmarked, source)
        if _looks_like_utf8(data):
            raise _failure(source, "UTF-8", error.start, data) from None
        return _decode_as(data, "gb18030", source)
    unmarked = _unmarked_utf16(data, least=_NULS_IN_ASCII)
    return text if unmarked is None else _decode_as(data, unmarked, source)


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


def _decode_as(data: bytes, encoding: str, source: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _failure(source, encoding.upper(), error.start, data) from None
    except LookupError:
        raise DataError(source, Problem(f"unknown encoding {encoding!r}: give one such as gb18030 or big5")) from None


def _failure(source: str, encoding: str, offset: int, data: bytes) -> DecodeError:
    return DecodeError(
        source,
        f"byte {data[offset]:#04x} at offset {offset} is not {encoding.removesuffix('-SIG')}; "
        "name the file's encoding (encoding='big5', --encoding big5) or save it as UTF-8",
        offset=offset,
    )


def _looks_like_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", errors="replace")
    wide = sum(1 for character in text if character > "\x7f")
    return text.count("�") < _BROKEN_UTF8 * wide


def _unmarked_utf16(data: bytes, *, least: float) -> str | None:
    """Name the byte order of UTF-16 without a mark: its ASCII characters put zero bytes at one parity only."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 or min(even, odd) or max(even, odd) < max(1.0, least * len(data)):
        return None
    return "utf-16-be" if even else "utf-16-le"

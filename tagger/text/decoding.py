"""bytes → text: the encodings that Chinese text comes in, and a clear no to anything else."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import BinaryIO, Literal, TextIO

from tagger.errors import DataError, DecodeError, Problem, reason
from tagger.messages import N_, _

__all__ = ["Errors", "check_text", "codec_of", "decode", "find_encoding", "open_text", "read_text"]

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
# The share of common characters from which text is in an encoding of two bytes, whatever looks like UTF-8 in it: in
# UTF-8 that was spoilt it is 0.38 at most, in 2,000 beginnings of 6 to 60 characters.
_PLAIN = 0.9

# The share of zero bytes from which bytes that are good UTF-8 are ASCII in UTF-16: there it is one in two, and
# anything less is a stray NUL.
_NULS_IN_ASCII = 0.4

# The share of characters of Chinese text (Han, ASCII, and the punctuation of both) from which bytes are text in the
# encoding tried. Other bytes read as UTF-16 are Han by chance one time in three.
_CHINESE = 0.9

# The lead bytes of level 1, by encoding; GB18030 first, as it is by far the most common. Big5 of Hong Kong (HKSCS)
# comes last: it reads whatever Windows' does, and a few characters more.
_LEVEL_1 = {"gb18030": (0xB0, 0xD7), "cp950": (0xA4, 0xC6), "big5hkscs": (0xA4, 0xC6)}
# By how much the share of common characters must differ to prefer a less usual encoding.
_CLEARLY = 0.02
# Characters looked at to tell them apart.
_ENOUGH = 100_000
_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉「」『』【】—…·　€％")
# Greek, Cyrillic and kana: blocks of 256 characters.
_SCRIPTS = frozenset([0x03, 0x04, 0x30])
# Encodings of which Windows' form has one more character.
_EURO_ENCODINGS = frozenset(["gb18030", "gbk", "gb2312"])
# Characters that no text is made of: controls but white space, and ESC, which colours the lines of a log.
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
_CONTROL_CHARACTERS = frozenset(_CONTROLS.decode("ascii"))
# The share of them from which bytes are something else than text; text has hardly any.
_BINARY = 0.5
# The most bytes of a character that is none of them, in the encodings that are found.
_WIDEST = 4
# What encodings that write a mark are without it.
_WITHOUT_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_EURO, _EURO_OR_REPLACE, _EURO_OR_ESCAPE = "tagger.euro", "tagger.euro_or_replace", "tagger.euro_or_escape"

Errors = Literal["strict", "replace"]
"""What is done with bytes that are no text: "strict" is an error, "replace" puts U+FFFD there."""


def decode(data: bytes, *, source: str = "<bytes>", encoding: str | None = None, errors: Errors = "strict") -> str:
    """Decode UTF-8 (with or without byte order mark), UTF-16, GB18030 or Big5, or the encoding given.

    Nothing is replaced or dropped: bytes that do not decode are an error, unless `errors` is "replace", which puts
    U+FFFD in their place. `source` names the data in that error.

    >>> decode("反诈".encode("gb18030"))
    '反诈'
    >>> decode("反诈".encode("utf-16"))
    '反诈'

    Raises:
        DecodeError: when the bytes are no text in the encoding, with the offset of the first that is not.
    """
    name = find_encoding(data) if encoding is None else encoding
    mark, name = next(
        ((m, marked) for m, marked in _MARKS if data.startswith(m) and _same_family(name, marked)), (b"", name)
    )
    try:
        return _decode_as(data[len(mark) :], name, source, errors)
    except UnicodeDecodeError as error:
        given = encoding is not None
        raise _failure(source, name.upper(), error.start + len(mark), data, given=given) from None


def find_encoding(data: bytes, *, cut: bool = False) -> str:
    """Return the name of the encoding that bytes are in: UTF-8 where none fits.

    `cut` says that the data is the beginning of more, and may end inside a character.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return marked
    if (text := _read_as(data, "utf-8", cut=cut)) is not None:
        zeros = data[0::2].count(0), data[1::2].count(0)
        if (cut or len(data) % 2 == 0) and not min(zeros) and max(zeros) > _NULS_IN_ASCII * len(data):
            return "utf-16-be" if zeros[0] else "utf-16-le"
        return "utf-8"
    for encoding in ("utf-16-le", "utf-16-be"):
        # In one of its byte orders UTF-16 without a mark is Chinese text, which nothing else is.
        text = _read_as(data, encoding, cut=cut)
        if text is not None and _chinese_share(text) >= _CHINESE:
            return encoding
    encoding, share = _double_byte_encoding(data, cut=cut)
    # In few characters of GB18030 some pairs of bytes are those of UTF-8; UTF-8 that was spoilt reads as rare ones.
    return "utf-8" if share < _PLAIN and _looks_like_utf8(data) else encoding


def check_text(data: bytes, *, source: str, encoding: str | None = None) -> None:
    """Check that the beginning of a file is not mostly control characters, which decode like any others.

    Raises:
        DataError: when it is, or when there is no such encoding.
    """
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls <= _BINARY / _WIDEST * len(data):
        return
    encoding = encoding or find_encoding(data, cut=True)
    text = decode(data, source=source, encoding=encoding, errors="replace")
    if sum(character in _CONTROL_CHARACTERS for character in text) > _BINARY * len(text):
        raise DataError(
            source,
            Problem(
                _(
                    "is no text: more than half of what it begins with is control characters such as NUL; "
                    "restore the file, or name its encoding (--encoding utf-32)"
                )
            ),
        )


def open_text(file: BinaryIO, encoding: str, errors: Errors, *, source: str) -> TextIO:
    """Open bytes to read as text, line ends as they are; bytes that are no text become lone surrogates, or U+FFFD.

    Raises:
        DataError: when there is no such encoding.
    """
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise _unknown(source, encoding) from None
    head = file.peek(4)  # type: ignore[attr-defined]  # every stream here can be peeked into
    for mark, marked in _MARKS:
        if name == codecs.lookup(marked).name and head.startswith(mark):
            file.read(len(mark))
    name, handler = _reading(name, errors)
    return io.TextIOWrapper(file, encoding=name, errors=handler, newline="")


def codec_of(data: bytes, encoding: str, errors: Errors) -> tuple[str, str, int]:
    """Return the codec and error handler that `open_text` reads data with, and how many bytes its mark has.

    The codec is one that writes no mark itself.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark) and _same_family(encoding, marked):
            return *_reading(marked, errors), len(mark)
    name = codecs.lookup(encoding).name
    return *_reading(_WITHOUT_MARK.get(name, name), errors), 0


def _reading(name: str, errors: Errors) -> tuple[str, str]:
    """Return the codec and the error handler to read an encoding with."""
    if name in _EURO_ENCODINGS:
        return "gb18030", _EURO_OR_ESCAPE if errors == "strict" else _EURO_OR_REPLACE
    return name, "surrogateescape" if errors == "strict" else "replace"


def read_text(path: str | Path, *, encoding: str | None = None, errors: Errors = "strict") -> str:
    """Read a text file in any encoding that `decode` knows.

    Raises:
        DecodeError: when its bytes are no text in the encoding.
        DataError: when there is no such file, it cannot be read, or is something else than text.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(
            str(path), Problem(_("cannot be read: {reason}; check the path", reason=reason(error)))
        ) from error
    check_text(data, source=str(path), encoding=encoding)
    return decode(data, source=str(path), encoding=encoding, errors=errors)


def _same_family(encoding: str, marked: str) -> bool:
    """Return whether a byte order mark is one of the encoding: "utf-16" and "utf-8-sig" are names of several."""
    plain = encoding.lower().replace("_", "-").removesuffix("-sig")
    return marked.replace("-", "").startswith(plain.replace("-", ""))


def _decode_as(data: bytes, encoding: str, source: str, errors: Errors) -> str:
    try:
        name = codecs.lookup(encoding).name
        if name not in _EURO_ENCODINGS:
            return data.decode(encoding, errors)
        return data.decode("gb18030", _EURO_OR_REPLACE if errors == "replace" else _EURO)
    except UnicodeDecodeError:
        raise
    except (LookupError, ValueError):
        raise _unknown(source, encoding) from None


def _unknown(source: str, encoding: str) -> DataError:
    return DataError(
        source, Problem(_("unknown encoding {encoding!r}: give one such as gb18030 or big5", encoding=encoding))
    )


def _read_as(data: bytes, encoding: str, *, cut: bool) -> str | None:
    """Decode, or return None where the bytes are not of the encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)(_EURO if encoding == "gb18030" else "strict").decode(
            data, final=not cut
        )
    except UnicodeDecodeError:
        return None


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Read the byte 0x80 as €, as Windows' code page 936 does; GB18030 of the standard has no such character."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


def _euro_or_replace(error: UnicodeError) -> tuple[str, int]:
    try:
        return _euro(error)
    except UnicodeDecodeError:
        return "\ufffd", error.start + 1  # type: ignore[attr-defined]  # it is a UnicodeDecodeError


def _euro_or_escape(error: UnicodeError) -> tuple[str, int]:
    try:
        return _euro(error)
    except UnicodeDecodeError:
        byte = error.object[error.start]  # type: ignore[attr-defined]  # as above
        return chr(0xDC00 + byte), error.start + 1  # type: ignore[attr-defined]


codecs.register_error(_EURO, _euro)
codecs.register_error(_EURO_OR_REPLACE, _euro_or_replace)
codecs.register_error(_EURO_OR_ESCAPE, _euro_or_escape)


def _failure(source: str, encoding: str, offset: int, data: bytes, *, given: bool) -> DecodeError:
    line = data.count(b"\n", 0, offset) + 1
    if given:
        text = N_(
            "byte {byte:#04x} at offset {offset}, line {line}, is not {encoding}; "
            "leave --encoding out or name another, save it as UTF-8, "
            "or give --encoding-errors replace to put U+FFFD there"
        )
    else:
        text = N_(
            "byte {byte:#04x} at offset {offset}, line {line}, is not {encoding}; "
            "name the file's encoding (encoding='big5', --encoding big5), save it as UTF-8, "
            "or give --encoding-errors replace to put U+FFFD there"
        )
    message = _(text, byte=data[offset], offset=offset, line=line, encoding=encoding)
    return DecodeError(source, message, offset=offset)


def _looks_like_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", errors="replace")
    wide = sum(1 for character in text if character > "\x7f")
    return text.count("�") < _BROKEN_UTF8 * wide


def _double_byte_encoding(data: bytes, *, cut: bool) -> tuple[str, float]:
    """Choose between GB18030 and Big5, as Windows and Hong Kong write it: whichever reads more common characters.

    Their share is returned too, 0 where neither reads it.

    Each of them reads most text of the other, as rare characters. Both order their characters by how common they are:
    level 1 has those of daily use, 3,755 in GB2312 and 5,401 in Big5.
    """
    best, most = "gb18030", 0.0
    for encoding, (first, last) in _LEVEL_1.items():
        text = _read_as(data, encoding, cut=cut)
        if text is not None and (share := _common_share(text, encoding, first, last)) > most + _CLEARLY:
            best, most = encoding, share
    return best, most


def _common_share(text: str, encoding: str, first: int, last: int) -> float:
    """Return which share of the characters beyond ASCII are common: of level 1 of an encoding, or usual punctuation.

    Letters of another script are where they stand side by side, as in a word; misread text has them one by one.
    """
    text = text[:_ENOUGH]
    common = wide = 0
    for before, character, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if character <= "\x7f":
            continue
        wide += 1
        block = ord(character) >> 8
        if character in _PUNCTUATION or (block in _SCRIPTS and block in (ord(before) >> 8, ord(after) >> 8)):
            common += 1
        else:
            code = character.encode(encoding, "replace")
            common += len(code) == 2 and first <= code[0] <= last
    return common / max(1, wide)


def _chinese_share(text: str) -> float:
    usual = sum(
        "\x20" <= c <= "\x7e" or c in "\t\n\r" or "\u4e00" <= c <= "\u9fff" or "\u2010" <= c <= "\u2026"
        or "\u3000" <= c <= "\u301f" or "\uff01" <= c <= "\uff5e"
        for c in text
    )  # fmt: skip
    return usual / max(1, len(text))

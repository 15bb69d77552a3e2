"""A name → its bytes, uncompressed: files and standard input; gzip, Zstandard, bzip2, xz, and a zip of one file."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tagger.errors import DataError, Problem, reason
from tagger.formats.faults import explain_damage
from tagger.messages import _, joined

__all__ = ["HEAD_BYTES", "STANDARD_INPUT", "Stream", "ending_of", "is_archive_of_workbook", "open_stream", "zstandard"]

STANDARD_INPUT = "-"
# Bytes looked at to see what a file is; as many as the buffer holds, so that they can be looked at without being read.
HEAD_BYTES = 1 << 18

_COMPRESSED_ENDINGS = frozenset([".bz2", ".gz", ".xz", ".zip", ".zst"])
_GZIP, _ZSTANDARD, _BZIP2, _XZ, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\0", b"PK\x03\x04"
# How pictures begin that no text begins like: PNG, JPEG and TIFF.
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
# Files of an archive that are named.
_NAMED = 3
# Where a tar archive says that it is one.
_TAR = slice(257, 262)
# What a spreadsheet holds that is a zip archive: Excel's, and OpenDocument's.
_SPREADSHEETS = frozenset([".ods", ".xlsb", ".xlsm", ".xlsx"])
_WORKBOOKS = frozenset(["xl/workbook.xml", "xl/workbook.bin", "content.xml"])


@dataclass(frozen=True)
class Stream:
    """An input that is open.

    Attributes:
        name: the name, as the user gave it.
        file: gives the uncompressed bytes; it can be peeked into.
        stored: gives those on disk, which are fewer if compressed.
        damage: what reading raises where the data is damaged.
        compression: how it is compressed, as people call it; empty where it is not.
        kept: what must live until the file is closed: text that wraps a file complains when it goes before.
    """

    name: str
    file: Any
    stored: Any
    damage: tuple[type[Exception], ...] = (OSError,)
    compression: str = ""
    kept: list[Any] = field(default_factory=list)

    @property
    def may_pause(self) -> bool:
        """Whether it can be asked if more has come: any open file that is not compressed, except on Windows."""
        try:
            return self.file is self.stored and self.file.fileno() >= 0 and sys.platform != "win32"
        except OSError:
            return False

    def position(self) -> int | None:
        """Return how far it was read, in bytes on disk; None for a pipe."""
        try:
            return int(self.stored.tell())
        except OSError:
            return None

    def peek(self) -> bytes:
        """Return the first bytes without reading them: at most `HEAD_BYTES`, fewer where a pipe pauses.

        Raises:
            DataError: when they cannot be read.
        """
        try:
            head: bytes = self.file.peek(HEAD_BYTES)
        except self.damage as error:
            raise self.unreadable(error) from error
        return head

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, as many as asked for or all that are left.

        Raises:
            DataError: when they cannot be read.
        """
        try:
            data: bytes = self.file.read(size)
        except self.damage as error:
            raise self.unreadable(error) from error
        return data

    def unreadable(self, error: Exception) -> DataError:
        """Return the error that says that this input is damaged."""
        why = explain_damage(error)
        return DataError(self.name, Problem(_("cannot be read to its end ({reason}): restore the file", reason=why)))


def ending_of(name: str) -> str:
    """Return the ending that says what is in a file; the ending of a compression does not count."""
    path = Path(name.lower())
    return Path(path.stem).suffix if path.suffix in _COMPRESSED_ENDINGS else path.suffix


@contextmanager
def open_stream(name: str, data: bytes | None = None) -> Iterator[Stream]:
    """Open a file, or standard input, whose name is `-`; compressed data is uncompressed, whatever its name says.

    With `data`, those bytes are what the file of this name holds, and it is not opened.

    Raises:
        DataError: when it cannot be opened, or is an archive of several files.
    """
    if data is not None:
        yield _uncompressed(name, io.BufferedReader(io.BytesIO(data), HEAD_BYTES))
        return
    if name == STANDARD_INPUT:
        # A stand-in for a file, as in tests, may have no `peek`.
        stdin: Any = sys.stdin.buffer
        yield _uncompressed(name, stdin if hasattr(stdin, "peek") else io.BufferedReader(stdin, HEAD_BYTES))
        return
    try:
        file = Path(name).open("rb", buffering=HEAD_BYTES)  # noqa: SIM115 - closed below; the error is about opening alone
    except OSError as error:
        raise DataError(name, Problem(_("cannot be read: {reason}; check the path", reason=reason(error)))) from error
    with file:
        yield _uncompressed(name, file)


def zstandard() -> Any:
    """Import Zstandard: Python's own from 3.14 on, and its twin before."""
    if sys.version_info >= (3, 14):  # pragma: no cover - one of the two is run
        from compression import zstd  # noqa: PLC0415 - only where such a file is read or written
    else:  # pragma: no cover
        from backports import zstd  # noqa: PLC0415 - only where such a file is read or written
    return zstd


def is_archive_of_workbook(head: bytes) -> bool:
    """Return whether bytes begin a zip archive; `open_stream` unpacks all of them but workbooks."""
    return head.startswith(_ZIP)


def _uncompressed(name: str, file: Any) -> Stream:
    try:
        head = file.peek(len(_XZ))
    except OSError as error:
        raise DataError(name, Problem(_("cannot be read: {reason}; check the path", reason=reason(error)))) from error
    if head.startswith(_PICTURES):
        raise DataError(name, Problem(_("is a picture: recognise its text by another program, and save that as .txt")))
    stream = Stream(name, file, file)
    if head.startswith(_GZIP):
        stream = _compressed(name, gzip.GzipFile(fileobj=file), file, "gzip", zlib.error)
    elif head.startswith(_ZSTANDARD):
        zstd = zstandard()
        stream = _compressed(name, zstd.ZstdFile(file), file, "Zstandard", zstd.ZstdError)
    elif head.startswith(_BZIP2):
        import bz2  # noqa: PLC0415 - only where such a file is read, as the others below

        stream = _compressed(name, bz2.BZ2File(file), file, "bzip2")
    elif head.startswith(_XZ):
        import lzma  # noqa: PLC0415

        stream = _compressed(name, lzma.LZMAFile(file), file, "xz", lzma.LZMAError)  # noqa: SIM115 - closed with the file
    elif head.startswith(_ZIP):
        stream = _unzipped(name, file)
    if stream.peek()[_TAR] == b"ustar":
        raise DataError(name, Problem(_("is a tar archive: unpack it, and name the files or the folder")))
    return stream


def _compressed(name: str, plain: Any, stored: Any, compression: str, *damage: type[Exception]) -> Stream:
    return Stream(name, io.BufferedReader(plain, HEAD_BYTES), stored, (OSError, EOFError, *damage), compression)


def _unzipped(name: str, file: Any) -> Stream:
    """Open the one file of a zip archive; a workbook, which is such an archive too, stays whole."""
    import zipfile  # noqa: PLC0415 - see above

    if not file.seekable():
        file = io.BufferedReader(io.BytesIO(file.read()))
    try:
        archive = zipfile.ZipFile(file)
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        file.seek(0)
        if not _WORKBOOKS.isdisjoint(names):
            return Stream(name, file, file)
        if "word/document.xml" in names:
            raise DataError(name, Problem(_("is a document of Word: save it as plain text (.txt)")))
        if "ppt/presentation.xml" in names:
            raise DataError(name, Problem(_("is a presentation: save its text as .txt")))
        names = [entry for entry in names if not entry.startswith(("__MACOSX/", "."))]
        if len(names) != 1:
            raise DataError(name, Problem(_not_one(names)))
        return _compressed(name, archive.open(names[0]), file, "zip", zipfile.BadZipFile, zlib.error)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        why = explain_damage(error)
        if ending_of(name) in _SPREADSHEETS:
            what = _("cannot be read as a workbook ({reason}): save it as CSV", reason=why)
        else:
            what = _("is a zip archive that cannot be read ({reason}): unpack it first", reason=why)
        raise DataError(name, Problem(what)) from error


def _not_one(names: list[str]) -> str:
    if not names:
        return _("is a zip archive that holds no file: unpack it, and name the files")
    shown = joined(names[:_NAMED])
    return _(
        "is a zip archive that holds {number} files ({names}): unpack it, and name the files",
        number=len(names),
        names=_("{names} …", names=shown) if len(names) > _NAMED else shown,
    )

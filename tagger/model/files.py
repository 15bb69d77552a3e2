"""Files of a model folder: opened without following links, regular ones only, and read into memory of one's own."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tagger.errors import ModelError, reason
from tagger.messages import N_, _

if TYPE_CHECKING:
    from mmap import mmap

__all__ = ["MAPPED_FROM", "Content", "is_regular", "read_content"]

# What a file holds: bytes of our own, or a map of a large one.
Content: TypeAlias = "bytes | mmap"

# Bytes from which a file is mapped instead of read. A map takes no memory and several processes share it, but who
# truncates the file of a model that is loaded kills the process, and who overwrites it changes answers.
MAPPED_FROM = 16 << 20
# Above this, numbering features would take more than 32 bits, and hashing more than some seconds.
_LARGEST = 4 << 30
# Not every system has all of them. O_NONBLOCK lets a named pipe be opened, and refused, without waiting for a writer.
_FLAGS = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)


def read_content(path: Path, *, most: int = _LARGEST) -> tuple[Content, str]:
    """Return what a file of a model holds, and its SHA-256.

    One of `MAPPED_FROM` bytes and more is mapped, all others are read.

    Raises:
        FileNotFoundError: when there is none.
        ModelError: when it is a link, a pipe, a device or anything but a file, has more than `most` bytes, or cannot be
            read.
    """
    try:
        with _open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                wrong = _(
                    "has {size:,} bytes, more than {most:,}: restore the folder or train again", size=size, most=most
                )
                raise ModelError(path, wrong)
            if size < MAPPED_FROM:
                content = file.read(size)
                return content, hashlib.sha256(content).hexdigest()
            return _map(file), hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ModelError(
            path, _("cannot be read ({reason}); restore the folder or train again", reason=reason(error))
        ) from error


def is_regular(path: Path) -> bool:
    """Whether there is a file, which is no link."""
    return path.is_file() and not path.is_symlink()


@contextmanager
def _open_regular(path: Path) -> Iterator[BufferedReader]:
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise ModelError(path, _(_NO_FILE)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ModelError(path, _(_NO_FILE))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor is no path
        yield file


_NO_FILE = N_("is a link or no regular file, and a model has plain files only: copy what it stands for into its place")


def _map(file: BufferedReader) -> mmap:
    import mmap  # noqa: PLC0415 - most models need none

    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

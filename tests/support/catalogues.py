"""Catalogues of translations that a test makes up, as gettext reads them."""

import struct
from collections.abc import Mapping
from pathlib import Path

__all__ = ["write_catalogue"]

_HEADER = "Content-Type: text/plain; charset=utf-8\nPlural-Forms: nplurals=1; plural=0;\n"
_START = struct.calcsize("<7I")


def write_catalogue(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the compiled Chinese catalogue below a folder; a plural is "one\\0several"."""
    pairs = sorted((one.encode(), other.encode()) for one, other in {"": _HEADER, **texts}.items())
    places, data = [], b""
    for column in (0, 1):
        for pair in pairs:
            places += [len(pair[column]), _START + 16 * len(pairs) + len(data)]
            data += pair[column] + b"\0"
    numbers = (0x950412DE, 0, len(pairs), _START, _START + 8 * len(pairs), 0, 0, *places)
    path = folder / "zh" / "LC_MESSAGES" / "tagger.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(struct.pack(f"<{len(numbers)}I", *numbers) + data)

"""Words on the command line that are no files: they are the texts themselves."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from glob import glob
from pathlib import Path

import orjson

from tagger.formats import STANDARD_INPUT

__all__ = ["are_words", "give_words"]

# What a name has that is meant as that of a file: an ending, a folder, or signs of a pattern.
_MEANT_AS_FILE = re.compile(r"\.[A-Za-z0-9]{1,8}$|[/\\\\*\[]")
# What words have that are no name: characters of Chinese, or spaces.
_WORDS = re.compile(r"[\s\u3400-\u9fff\U00020000-\U0003ffff]")


def are_words(names: Sequence[str]) -> bool:
    """Return whether these are texts and not names of files: none exists, and none looks like the name of one."""
    return bool(names) and all(
        name != STANDARD_INPUT
        and _WORDS.search(name) is not None
        and _MEANT_AS_FILE.search(name) is None
        and not _exists(name)
        and not ("?" in name and glob(name))  # noqa: PTH207 - pathlib knows no patterns from the root
        for name in names
    )


def give_words(texts: Sequence[str], field: str) -> None:
    """Put texts on standard input, as lines of JSON with the text in this field."""
    lines = [orjson.dumps({field: text.encode("utf-8", "replace").decode("utf-8")}) + b"\n" for text in texts]
    sys.stdin = io.TextIOWrapper(io.BytesIO(b"".join(lines)), encoding="utf-8")


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # too long for a name
        return False

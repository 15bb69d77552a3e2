"""Lines of fastText, `__label__a __label__b text` → records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tagger.formats.records import Broken, Record, explain_bad_byte, readable

__all__ = ["HEADER", "find_labels", "read_fasttext"]

# What some scripts write between the labels and the text.
_PARTING = (",", "，", ":", "：")
HEADER = ("text", "labels")
_LABEL = re.compile(r"(?:^|\s)__label__(\S+)")
# fastText is given words parted by spaces, or single characters; a text that is tagged later comes as it is written.
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\U00020000-\U0003ffff"
_SPACE_BESIDE = re.compile(f"(?<=[{_WIDE}]) +| +(?=[{_WIDE}])")


def find_labels(line: str) -> list[tuple[int, int]]:
    """Return where the labels of a line stand."""
    return [(found.start(1) - len("__label__"), found.end()) for found in _LABEL.finditer(line)]


def read_fasttext(text: Any) -> Iterator[Record | Broken]:
    """Read the labels and the text of each line; spaces beside Chinese characters are taken out.

    They are taken out everywhere where the text is parted into single characters.
    """
    for line, raw in enumerate(text, start=1):
        if (bad := explain_bad_byte(raw)) is not None:
            yield Broken(line, bad, readable(raw.strip()))
        elif raw.strip():
            words = _LABEL.sub(" ", raw).split()
            if len(words) > 1 and words[0] in _PARTING and raw.lstrip().startswith("__label__"):
                del words[0]
            single = len(words) > 1 and all(len(word) == 1 for word in words)
            text = "".join(words) if single else _SPACE_BESIDE.sub("", " ".join(words))
            yield Record(line, {"text": text, "labels": _LABEL.findall(raw)})

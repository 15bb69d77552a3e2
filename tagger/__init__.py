"""Tagger labels paragraphs of Chinese text with topics, and articles with the topics of their paragraphs.

>>> import tagger
>>> model = tagger.load()
>>> model.predict(["民警在银行柜台劝住了正要给“客服”转账的老人。"])
[('anti_fraud',)]
"""

from __future__ import annotations

import os
import sys

# `python -m tagger` looks for every module in the current folder first, which may be a downloaded one: from here on no
# longer, unless that is where Tagger is.
if sys.argv[:1] == ["-m"] and "tagger" in sys.orig_argv and not __file__.startswith(f"{sys.path[0]}{os.sep}tagger"):
    del sys.path[0]

from typing import TYPE_CHECKING, Any

from tagger.errors import DataError, DecodeError, FormatError, ModelError, Problem, RunError, SettingsError, TaggerError
from tagger.records import Article, Contribution, Example, Explanation, Paragraph, Tag, TaggedParagraph, Topic
from tagger.settings import Settings
from tagger.tagger import Tagger, load
from tagger.text import split_paragraphs

if TYPE_CHECKING:
    from tagger.evaluation import evaluate
    from tagger.training import train

__all__ = [
    "Article",
    "Contribution",
    "DataError",
    "DecodeError",
    "Example",
    "Explanation",
    "FormatError",
    "ModelError",
    "Paragraph",
    "Problem",
    "RunError",
    "Settings",
    "SettingsError",
    "Tag",
    "TaggedParagraph",
    "Tagger",
    "TaggerError",
    "Topic",
    "evaluate",
    "load",
    "split_paragraphs",
    "train",
]


def __dir__() -> list[str]:
    """List `train` and `evaluate` too, which are imported when they are first asked for."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import training when it is first asked for: a process that only tags never loads scikit-learn."""
    if name == "train":
        from tagger.training import train  # noqa: PLC0415 - see above

        return train
    if name == "evaluate":
        from tagger.evaluation import evaluate  # noqa: PLC0415 - likewise

        return evaluate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""A language of which every message is the English one in brackets, so that one sees what was said in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from tagger import messages

__all__ = ["foreign"]


class _Catalogue:
    def gettext(self, text: str) -> str:
        return f"〔{text}〕"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return f"〔{singular if number == 1 else plural}〕"


@contextmanager
def foreign() -> Iterator[None]:
    """Have it for Chinese, and use it."""
    real = messages._catalogue
    known = patch.object(messages, "_catalogue", lambda language: _Catalogue() if language == "zh" else real(language))
    with known, messages.used("zh"):
        yield

"""Traditional characters → simplified ones, each in the place of the one it came from, by OpenCC.

OpenCC looks phrases up before single characters, since a few become different ones by what they stand in: 瞭解 is 了解,
and 瞭望 stays. None of its phrases changes its length on the way to simplified characters, so that every place in the
outcome is one in the text as given.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from tagger.errors import RunError
from tagger.messages import N_, _

__all__ = ["LOOKS_TRADITIONAL", "looks_traditional", "require_opencc", "simplify"]

LOOKS_TRADITIONAL = N_("looks traditional, and topics are told by simplified characters: --simplify reads it as such")
# Characters looked at to tell traditional from simplified text.
_ENOUGH = 2000


def simplify(text: str) -> str:
    """Return a text of the same length in simplified characters; simplified text stays as it is, but for rare names.

    Words stay those of the region: 瞭解網路 becomes 了解网路, not 网络. Lone surrogates become U+FFFD.

    Raises:
        RunError: when OpenCC is not installed.
    """
    convert = _converter()
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    simplified = convert(text)
    if len(simplified) == len(text):
        return simplified
    # OpenCC 1.1 ends at a NUL; and whatever a later one does, places must fit.
    return "".join(one if len(one := convert(character)) == 1 else character for character in text)


def require_opencc() -> None:
    """Find out before anything is tagged whether `simplify` can work.

    Raises:
        RunError: when OpenCC is not installed.
    """
    _converter()


def looks_traditional(text: str) -> bool:
    """Tell traditional from simplified Chinese by the characters that only one of Big5 and GB2312 has.

    >>> looks_traditional("民警勸阻轉賬"), looks_traditional("民警劝阻转账"), looks_traditional("民警")
    (True, False, False)
    """
    characters = {character for character in text[:_ENOUGH] if character > "\x7f"}
    traditional, simplified = (_only_in(characters, *pair) for pair in (("big5", "gb2312"), ("gb2312", "big5")))
    return traditional > simplified


def _only_in(characters: set[str], encoding: str, other: str) -> int:
    known, also_known = (set("".join(characters).encode(name, "ignore").decode(name)) for name in (encoding, other))
    return len(known - also_known)


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    try:
        import opencc  # noqa: PLC0415 - an extra, and only for traditional text
    except ImportError as error:
        raise RunError(_("simplifying needs OpenCC: pip install 'tagger-zh[traditional]'")) from error
    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert

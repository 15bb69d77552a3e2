"""Text → normalised text: one character at a time, so that every place in it is known in the text as given."""

from __future__ import annotations

import unicodedata

__all__ = ["normalise", "normalise_with_offsets"]

# Characters that are drawn as nothing and would part a word unseen; Unicode calls them default ignorable. Those of
# category Cf (zero-width space and joiners, direction marks, soft hyphen, byte order mark) are found by category.
_IGNORED = frozenset([0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])


def normalise(text: str) -> str:
    """Fold width, case, compatibility forms and digits; unseen characters vanish, white space becomes a space.

    Each character is folded by itself (Unicode's NFKC_Casefold, repeated until it changes nothing, since casefolding
    after NFKC is not stable), so the result is idempotent and two strings fold as their concatenation does. Control
    characters become spaces and lone surrogates U+FFFD. Traditional and simplified characters stay apart.

    >>> normalise("ＡＰＰ诈騙①　Ｑ群：１２３")
    'app诈騙1 q群:123'
    """
    return text.translate(_FOLDS)


def normalise_with_offsets(text: str) -> tuple[str, list[int]]:
    """Normalise, and give for each character the offset in `text` of the one it came from.

    The list has one more entry than there are characters: the length of `text`.

    >>> normalise_with_offsets("㈠℃")
    ('(一)°c', [0, 0, 0, 1, 1, 2])
    """
    folded = [normalise(character) for character in text]
    offsets = [offset for offset, piece in enumerate(folded) for _ in piece]
    return "".join(folded), [*offsets, len(text)]


class _Folds(dict[int, str]):
    """What `str.translate` puts in a character's place: worked out when first met, then looked up."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


_FOLDS = _Folds()


def _fold(character: str) -> str:
    """Fold one character until nothing changes, each character of the outcome by itself."""
    folded = character
    while (again := "".join(map(_fold_once, folded))) != folded:
        folded = again
    return folded


def _fold_once(character: str) -> str:
    code = ord(character)
    category = unicodedata.category(character)
    if category == "Cf" or code in _IGNORED:
        return ""
    if category == "Cs":
        return "�"
    if character.isspace() or category == "Cc":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())

"""What rivals make of text with rjieba: words, or words with single characters and pairs as Tagger counts them."""

from __future__ import annotations

import unicodedata
from operator import add

import rjieba

__all__ = ["features", "namespaces", "spaced"]


def features(text: str) -> list[str]:
    r"""Give words, characters and pairs of neighbours; none reaches over white space, and punctuation is no word.

    >>> features("诈骗 !")
    ['\t诈骗', '诈', '骗', '诈骗', '!']
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    # The tab keeps words apart from characters and pairs, which hold no white space.
    found = [f"\t{word}" for word in rjieba.cut(text, hmm=False) if word[0].isalnum()]
    for run in text.split():
        found += run
        found += map(add, run, run[1:])
    return found


def spaced(text: str) -> str:
    """Give words parted by spaces; text by text, which is faster than all joined into one."""
    return " ".join(rjieba.cut(text, hmm=False))


def namespaces(text: str) -> str:
    """Give words and characters as two namespaces of Vowpal Wabbit, whose own signs are replaced."""
    text = text.replace(":", "：").replace("|", "｜")
    return f"|w {spaced(text)} |c {' '.join(text)}"

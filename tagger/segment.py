"""Text → words: rjieba does the work, jieba is the fallback, and both give the same words.

The hidden Markov model that guesses unknown words is off: it never bettered accuracy. Words of the user's own are
entered with a frequency that was fixed once, at training, so that a model cuts alike wherever it runs.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache, partial
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tagger.errors import SettingsError
from tagger.settings import Engine

__all__ = ["Dictionary", "Segmenter", "open_segmenter", "suggest_dictionary"]

Dictionary = tuple[tuple[str, int], ...]
"""Words of the user's own with their frequencies, in order."""

# Both engines look for dictionary words inside runs of these characters only.
_ENTERABLE = re.compile(r"[\u4e00-\u9fd5a-z0-9]{2,}")

# A frequency just high enough to keep a word whole lies on the edge, where the two engines' rounding may differ.
_FREQUENCY_MARGIN = 10


class Segmenter:
    """Cuts text into words; the words joined are the text again.

    Sent to another process, a segmenter is opened there anew from its engine's name and its dictionary.
    """

    def __init__(self, engine: Literal["rjieba", "jieba"], dictionary: Dictionary) -> None:
        self._opened_with = (engine, dictionary)
        if engine == "rjieba":
            self._engine = _rjieba(dictionary)
            self._cut = partial(self._engine.cut, hmm=False)
        else:
            self._engine = _jieba(dictionary)
            self._cut = partial(self._engine.cut, HMM=False)

    def words(self, text: str) -> list[str]:
        """Cut text into words, white space and punctuation among them."""
        return list(self._cut(text))

    def lengths(self, text: str) -> NDArray[np.int64]:
        """Give the lengths of `words(text)`, which add up to `len(text)`."""
        words = self.words(text)
        return np.fromiter(map(len, words), dtype=np.int64, count=len(words))

    def suggest_frequency(self, word: str) -> int:
        """Give the least frequency at which the engine keeps this word whole."""
        return int(self._engine.suggest_freq(word))

    def __reduce__(self) -> tuple[Any, ...]:
        return open_segmenter, self._opened_with


# A process rarely holds more than a handful of models; the bound keeps one that trains many from growing.
@lru_cache(maxsize=8)
def open_segmenter(engine: Engine, dictionary: Dictionary = ()) -> Segmenter:
    """Open the segmenter of this engine and these words of the user's own, once in a process.

    >>> open_segmenter("auto").words("打击电信网络诈骗")
    ['打击', '电信', '网络', '诈骗']

    Raises:
        SettingsError: when the engine is not installed.
    """
    return Segmenter(_installed(engine), dictionary)


def suggest_dictionary(words: Iterable[str], *, engine: Engine = "auto") -> Dictionary:
    """Choose the words to enter, with frequencies that keep them whole.

    A word that the engine's own dictionary keeps whole already, or that it could never find (one character, or with
    punctuation in it), is left out. `words` must be normalised.
    """
    segmenter = open_segmenter(engine)
    return tuple(
        (word, _FREQUENCY_MARGIN * segmenter.suggest_frequency(word))
        for word in sorted(set(words))
        if _ENTERABLE.fullmatch(word) and len(segmenter.words(word)) > 1
    )


def _installed(engine: Engine) -> Literal["rjieba", "jieba"]:
    if engine == "auto":
        return "rjieba" if find_spec("rjieba") else "jieba"
    if find_spec(engine) is None:
        raise SettingsError(f"the segmenter {engine} is not installed: pip install {engine}, or set engine to 'auto'")
    return engine


def _rjieba(dictionary: Dictionary) -> Any:
    from rjieba import Jieba  # noqa: PLC0415 - a tenth of a second that the jieba fallback need not have

    engine = Jieba()
    for word, frequency in dictionary:
        engine.add_word(word, frequency, "")
    return engine


def _jieba(dictionary: Dictionary) -> Any:
    engine = _jieba_without_cache()
    for word, frequency in dictionary:
        # jieba adds the frequency of a word it knew to its total a second time, rjieba does not.
        engine.total -= engine.FREQ.get(word, 0)
        engine.add_word(word, frequency)
    return engine


def _jieba_without_cache() -> Any:
    """Build a tokenizer from jieba's dictionary itself, not from the pickle it shares in the temporary folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42.1 has invalid escapes and an old import; nothing a user can mend
        import jieba  # noqa: PLC0415 - a second's start, wanted only where rjieba is missing
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer

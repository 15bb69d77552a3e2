"""Probabilities and labels → the likeliest single correction of each example, and its log odds.

A correction adds a topic, drops one, or swaps one for another, as far as the mode allows. Its log odds are those of the
topic that it adds, less those of the topic that it drops. Log odds of p are ln p - ln(1.1 - p) here: that a topic is
not there may be as sure as can be, but that it is there, no more than ten to one. Else the order of what is surest
hangs on differences between .99 and .999, which no judge knows. Texts that only look like a topic, such as a single
word of it, are as sure as texts that lack it, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.settings import Settings

__all__ = ["ADDS", "DROPS", "SWAPS", "Corrections", "Mode", "best_corrections"]

ADDS, DROPS, SWAPS = range(3)

_EDGE = 1e-6
_DOUBT = 0.1
# People mistake a topic for the likeliest other one more often than for any of the rest. Where a text has exactly one
# topic, each correction is a swap, and what this wins for such errors it loses for others: there it is left out.
_ALIKE = 0.5


@dataclass(frozen=True)
class Mode:
    """Which topics a text may have: exactly one (`exclusive`), and if not, none at all (`may_lack`)."""

    exclusive: bool
    may_lack: bool

    @classmethod
    def of(cls, settings: Settings) -> Mode:
        """Return the mode of settings that leave it not open."""
        return cls(bool(settings.exclusive), not (settings.exclusive or settings.always_assign))


@dataclass(frozen=True)
class Corrections:
    """The likeliest correction of each example.

    Attributes:
        log_odds: float64 (examples,), above 0 where it is likelier than the label as it stands.
        added, dropped: int64 (examples,), columns of the topics, -1 where none is.
    """

    log_odds: NDArray[np.float64]
    added: NDArray[np.int64]
    dropped: NDArray[np.int64]

    @property
    def kind(self) -> NDArray[np.int64]:
        """What each correction does, int64 (examples,): `ADDS`, `DROPS` or `SWAPS`."""
        return np.select([self.dropped < 0, self.added < 0], [ADDS, DROPS], SWAPS)

    def apply(self, targets: NDArray[np.bool_], row: int) -> NDArray[np.bool_]:
        """Return the topics that an example would have, bool (topics,)."""
        corrected = np.array(targets[row])
        for column, has in ((self.dropped[row], False), (self.added[row], True)):
            if column >= 0:
                corrected[column] = has
        return corrected


def best_corrections(
    probability: NDArray[np.float64], targets: NDArray[np.bool_], mode: Mode, *, alike: float = _ALIKE
) -> Corrections:
    """Find the correction of the highest log odds; `probability` and `targets` are (examples, topics).

    `alike` is what a swap has more where the label is the likeliest topic but for the one that is added.
    """
    odds = np.log(probability + _EDGE) - np.log(1 + _DOUBT - probability)
    rows = np.arange(len(odds))
    outside, inside = np.where(targets, -np.inf, odds), np.where(targets, -odds, -np.inf)
    added, dropped = outside.argmax(axis=1), inside.argmax(axis=1)
    gain, loss = outside[rows, added], inside[rows, dropped]
    if mode.exclusive:
        return Corrections(gain + loss, added, dropped)
    may_drop = targets.sum(axis=1) > (0 if mode.may_lack else 1)
    outside[rows, added] = -np.inf
    likeliest = -loss >= outside.max(axis=1)
    found = np.stack([gain + loss + alike * likeliest, gain, np.where(may_drop, loss, -np.inf)])
    kind = found.argmax(axis=0)
    return Corrections(found[kind, rows], np.where(kind == 2, -1, added), np.where(kind == 1, -1, dropped))

"""Every choice that changes a prediction, as one frozen record that is stored in the model."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal, get_args

from tagger.errors import SettingsError

__all__ = ["ClassWeight", "Settings", "ThresholdObjective", "parse_objective"]

ClassWeight = Literal["balanced", "none"]


@dataclass(frozen=True)
class ThresholdObjective:
    """What thresholds are for; `value` is the precision, recall or probability, None for "f1"."""

    measure: Literal["f1", "precision", "recall", "probability"]
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a tagger is trained and how it decides.

    `exclusive` and `always_assign` may be None before training: they are then chosen from the data, and the trained
    tagger's settings say which it was.

    Raises:
        SettingsError: when a value is outside its range.
    """

    exclusive: bool | None = None
    """True: no more than one topic for each text. None: True where every example has exactly one."""

    always_assign: bool | None = None
    """True: the best topic is assigned even below its threshold. None: True where every example has a topic, unless
    `threshold` asks for a precision, a recall or a probability, which only abstaining can give."""

    words: bool = True
    """Count words beside characters; words alone lose 1 to 9 points, both together are best."""

    characters: bool = True
    """Count single characters and pairs of neighbours; longer n-grams did not pay."""

    character_weight: float = 0.7
    """IDF of single characters against that of words and pairs, 1: a character says less than what it is part of. Of
    1, 0.7 and 0.5, 0.7 was best on four of five sets, by 0.1 to 0.2 points, and lost 0.2 on the fifth. Where topics
    have few examples characters carry more, and the weight is nearer to 1: halfway with 30 examples a topic."""

    minimum_documents: int = 1
    """Features that fewer training texts hold are left out; 1 keeps all, which is best while labels are few."""

    threshold: str = "f1"
    """What thresholds are chosen for: "f1", "precision=0.95", "recall=0.9", or a probability such as "0.5"."""

    max_false_tag_rate: float = 1.0
    """With "f1": of the examples without any topic no larger share than this may be given one; thresholds rise where
    they cost F1 least until it is kept on documents that were left out. 1 is no limit."""

    cost: float = 1.0
    """C of the linear support vector machine: the price of a training error against the size of the weights."""

    class_weight: ClassWeight = "balanced"
    """"balanced": rare topics weigh as much as frequent ones in training."""

    count_ratios: bool = True
    """Average each machine with a second one, for which features are scaled by how much likelier they are inside the
    topic than outside (NB-SVM): 0.6 to 1.3 points on five sets, and nothing at tagging, as both are one matrix."""

    lengths: bool = True
    """Learn how long the texts of each topic are, beside what they hold: 0.4 points on headlines and reviews, 0.1 on
    paragraphs of articles. Turn it off where texts to be tagged are of other lengths than those trained on: of halves
    of reviews it gets 2 in 100 wrong that are right without."""

    keyword_weight: float = 0.5
    """Weight of a keyword as a one-word example, where a labelled paragraph weighs 1."""

    context: bool = True
    """Judge a paragraph of an article by the paragraphs around it too, where the training documents have several and
    this tells more of those that were left out; 4 points of average precision for the shipped model."""

    folds: int = 5
    """Parts for the out-of-fold scores on which calibration and thresholds rest; documents are never split."""

    seed: int = 0
    """Seed of the solver and of the folds; the same data, settings and seed give the same model."""

    def describe(self) -> str:
        """Name the mode and every setting that is not the default, in one line.

        >>> Settings(cost=0.5, exclusive=True).describe()
        'exclusive, cost=0.5'
        """
        mode = {None: "mode open", True: "exclusive", False: "multi-label"}[self.exclusive]
        changed = [
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)
            if field.name not in {"exclusive", "always_assign"} and getattr(self, field.name) != field.default
        ]
        return ", ".join([mode, *changed])

    def __post_init__(self) -> None:
        if not (self.words or self.characters):
            raise SettingsError("words and characters are both off, so there is nothing to count: turn one of them on")
        _choice("class_weight", self.class_weight, get_args(ClassWeight))
        _at_least("minimum_documents", self.minimum_documents, 1)
        _at_least("folds", self.folds, 2)
        _at_least("seed", self.seed, 0)
        _share("max_false_tag_rate", self.max_false_tag_rate)
        if self.seed >= 2**32:
            raise SettingsError(f"seed is {self.seed}: it must be below {2**32}")
        for name in ("cost", "keyword_weight", "character_weight"):
            if isinstance(getattr(self, name), bool) or not isinstance(getattr(self, name), (int, float)):
                raise SettingsError(f"{name} is {getattr(self, name)!r}: it must be a number")
        for name in ("exclusive", "always_assign", "words", "characters", "count_ratios", "lengths", "context"):
            if getattr(self, name) not in (True, False, None):
                raise SettingsError(f"{name} is {getattr(self, name)!r}: it must be True or False")
        if not (math.isfinite(self.cost) and self.cost > 0):
            raise SettingsError(f"cost is {self.cost!r}: it must be a finite number above 0, such as 1.0")
        if not (math.isfinite(self.character_weight) and self.character_weight > 0):
            raise SettingsError(f"character_weight is {self.character_weight!r}: it must be a finite number above 0")
        if not (math.isfinite(self.keyword_weight) and self.keyword_weight >= 0):
            raise SettingsError(f"keyword_weight is {self.keyword_weight!r}: it must be a finite number from 0 up")
        parse_objective(self.threshold)


def parse_objective(text: str) -> ThresholdObjective:
    """Read a objective as it is written on the command line.

    >>> parse_objective("precision=0.95")
    ThresholdObjective(measure='precision', value=0.95)
    >>> parse_objective("0.5")
    ThresholdObjective(measure='probability', value=0.5)

    Raises:
        SettingsError: when it is none.
    """
    if text == "f1":
        return ThresholdObjective("f1")
    name, equals, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1 or (name, equals) not in {("precision", "="), ("recall", "="), ("", "")}:
        raise SettingsError(
            f"threshold is {text!r}: it must be f1, precision=P, recall=R or a probability, such as precision=0.95"
        )
    if name == "precision":
        return ThresholdObjective("precision", value)
    return ThresholdObjective("recall", value) if name == "recall" else ThresholdObjective("probability", value)


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}: it must be one of {', '.join(allowed)}")


def _share(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise SettingsError(f"{name} is {value!r}: it must be a share from 0 to 1, such as 0.05")


def _at_least(name: str, value: int, minimum: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise SettingsError(f"{name} is {value!r}: it must be a whole number from {minimum} up")

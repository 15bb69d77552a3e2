"""Every choice that changes a prediction, as one frozen record that is stored in the model.

Each field says its default, its range and one line of help; the command line and `tagger.sklearn.TopicClassifier` take
all three from here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from tagger.errors import SettingsError
from tagger.messages import N_, _, joined

__all__ = ["FOLDS", "ClassWeight", "Settings", "ThresholdObjective", "parse_objective"]

ClassWeight = Literal["auto", "balanced", "none"]
# Folds for calibration where nothing is said of them and there is not too much to learn.
FOLDS = 5

_Check = Callable[[str, Any], None]
# How many topics a text has, by `exclusive`.
_MODES = {None: N_("mode open"), True: N_("exclusive"), False: N_("multi-label")}


@dataclass(frozen=True)
class ThresholdObjective:
    """What a threshold is chosen for; `value` is the precision, recall or probability, None for "f1"."""

    measure: Literal["f1", "precision", "recall", "probability"]
    value: float | None = None


def parse_objective(text: str) -> ThresholdObjective:
    """Read an objective as it is written on the command line.

    >>> parse_objective("precision=0.95")
    ThresholdObjective(measure='precision', value=0.95)
    >>> parse_objective("0.5")
    ThresholdObjective(measure='probability', value=0.5)

    Raises:
        SettingsError: when it is not an objective.
    """
    if text == "f1":
        return ThresholdObjective("f1")
    name, equals, number = str(text).rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1 or (name, equals) not in {("precision", "="), ("recall", "="), ("", "")}:
        raise SettingsError(
            _(
                "threshold is {value!r}: it must be f1, precision=P, recall=R or a probability, such as precision=0.95",
                value=text,
            )
        )
    if name == "precision":
        return ThresholdObjective("precision", value)
    return ThresholdObjective("recall", value) if name == "recall" else ThresholdObjective("probability", value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise SettingsError(_("{name} is {value!r}: it must be True or False", name=name, value=value))


def _flag_or_none(name: str, value: object) -> None:
    if value is not None:
        _flag(name, value)


def _choice(name: str, value: object) -> None:
    if value not in get_args(ClassWeight):
        raise SettingsError(
            _(
                "{name} is {value!r}: it must be one of {values}",
                name=name,
                value=value,
                values=joined(get_args(ClassWeight)),
            )
        )


def _objective(_name: str, value: str) -> None:
    parse_objective(value)


def _share(name: str, value: Any) -> None:
    if not _is_number(value) or not 0 <= value <= 1:
        raise SettingsError(
            _("{name} is {value!r}: it must be a share from 0 to 1, such as 0.05", name=name, value=value)
        )


def _share_or_none(name: str, value: Any) -> None:
    if value is not None:
        _share(name, value)


def _above_zero(name: str, value: Any) -> None:
    _not_negative(name, value)
    if value == 0:
        raise SettingsError(
            _("{name} is {value!r}: it must be a finite number above 0, such as 1.0", name=name, value=value)
        )


def _not_negative(name: str, value: Any) -> None:
    if not _is_number(value):
        raise SettingsError(_("{name} is {value!r}: it must be a number", name=name, value=value))
    if not (math.isfinite(value) and value >= 0):
        raise SettingsError(_("{name} is {value!r}: it must be a finite number from 0 up", name=name, value=value))


def _from(lowest: int, *, below: int | None = None) -> _Check:
    def check(name: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            raise SettingsError(
                _(
                    "{name} is {value!r}: it must be a whole number from {lowest} up",
                    name=name,
                    value=value,
                    lowest=lowest,
                )
            )
        if below is not None and value >= below:
            raise SettingsError(_("{name} is {value}: it must be below {limit}", name=name, value=value, limit=below))

    return check


def _from_or_none(lowest: int) -> _Check:
    check = _from(lowest)

    def check_given(name: str, value: Any) -> None:
        if value is not None:
            check(name, value)

    return check_given


def _setting(*, default: Any, text: str, check: _Check, flags: str | None = None) -> Any:
    """Declare a field with its one line of help; `flags` are its command-line flags where its name is not enough."""
    return field(default=default, metadata={"help": text, "check": check, "flags": flags})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a tagger is trained and how it decides.

    `exclusive` and `always_assign` may be None before training: they are then chosen from the data, and the trained
    tagger's settings say which it was.

    Raises:
        SettingsError: when a value is outside its range.
    """

    exclusive: bool | None = _setting(
        default=None,
        text="One topic for each text, or any number of them. [default: inferred from the labels]",
        check=_flag_or_none,
        flags="--exclusive/--multi-label",
    )
    """True: no more than one topic for each text. None: True where every example has exactly one."""

    always_assign: bool | None = _setting(
        default=None,
        text="Assign the best topic even below its threshold. [default: inferred from the labels]",
        check=_flag_or_none,
    )
    """True: the best topic is assigned even below its threshold. None: True where every example has a topic, unless
    `threshold` asks for a precision, a recall or a probability, which only abstaining can give."""

    words: bool = _setting(default=True, text="Count words.", check=_flag)
    """Count words beside characters; words alone lose 1 to 9 points, both together are best."""

    characters: bool = _setting(default=True, text="Count single characters and pairs of neighbours.", check=_flag)
    """Count single characters and pairs of neighbours; longer n-grams did not pay."""

    boundaries: bool = _setting(default=True, text="Count how texts begin and end.", check=_flag)
    """Count the first and the last character of a text as pairs with its boundary: 0.3 to 0.4 points on headlines, 0.1
    to 0.5 on four other sets. Turn it off where texts to be tagged are cut otherwise than those trained on."""

    character_weight: float = _setting(
        default=0.7, text="IDF of single characters, relative to words and pairs at 1.", check=_above_zero
    )
    """IDF of single characters against that of words and pairs, 1: a character says less than what it is part of. Of
    1, 0.7 and 0.5, 0.7 was best on four of five sets, by 0.1 to 0.2 points, and lost 0.2 on the fifth. Where topics
    have few examples characters carry more, and the weight is nearer to 1: halfway with 30 examples a topic."""

    minimum_documents: int = _setting(
        default=1,
        text="Leave out features that fewer documents contain: smaller models, and no names of one story.",
        check=_from(1),
    )
    """Features that fewer training documents contain are left out; 1 keeps all, which is best while labels are few. A
    text without a document counts as one."""

    threshold: str = _setting(
        default="f1",
        text="What thresholds are chosen for: f1, precision=P, recall=R, or a probability as it is.",
        check=_objective,
    )
    """What thresholds are chosen for: "f1", "precision=0.95", "recall=0.9", or a probability such as "0.5"."""

    max_false_tag_rate: float = _setting(
        default=1.0, text="With f1: the largest share of texts without a topic that may be given one.", check=_share
    )
    """With "f1": of the examples without any topic no larger share than this may be given one; thresholds rise where
    they cost F1 least until it is kept on documents that were left out. 1 is no limit."""

    max_false_paragraph_rate: float | None = _setting(
        default=None,
        text="The same for paragraphs among others; --max-false-tag-rate is then for texts by themselves.",
        check=_share_or_none,
    )
    """The same for paragraphs judged among others, which have thresholds of their own; None is `max_false_tag_rate`."""

    cost: float = _setting(
        default=1.0, text="C of the linear SVMs: larger fits the training texts more closely.", check=_above_zero
    )
    """C of the linear support vector machines: the price of a training error against the size of the weights."""

    class_weight: ClassWeight = _setting(  # noqa: RUF009 - makes a field, as `field` does
        default="auto",
        text="balanced: rare topics weigh as much as frequent ones in training; none: as many as they are; "
        "auto: between them, nearer to none.",
        check=_choice,
    )
    """"balanced": rare topics weigh as much as frequent ones in training. "none": as many as they are. "auto": the
    fourth root of balanced weights, which on 44 topics of 5,000 to 12 examples had both the accuracy of the one and the
    macro-F1 of the other; where topics are alike in size all three are the same."""

    count_ratios: bool | None = _setting(
        default=None,
        text="Average each SVM with an NB-SVM, whose features are scaled by log-count ratios. "
        "[default: unless examples that were left out say otherwise]",
        check=_flag_or_none,
    )
    """Average each SVM with a second one, for which features are scaled by how much likelier they are inside the topic
    than outside (NB-SVM): 0.6 to 1.3 points on five sets, and nothing at tagging, as both are one matrix. On 44
    topics of medical sentences, where a few words decide, it loses 0.6. None: True, unless topics are exclusive and
    clearly fewer examples of the first fold are right with it, or exclusive and more than 128."""

    lengths: bool = _setting(default=True, text="Learn how long the texts of each topic are.", check=_flag)
    """Learn how long the texts of each topic are, beside what they contain: 0.4 points on headlines and reviews, 0.1
    on paragraphs of articles. Turn it off where texts to be tagged are of other lengths than those trained on: of
    halves of reviews it gets 2 in 100 wrong that are right without."""

    keyword_weight: float = _setting(
        default=0.5,
        text="Weight of a keyword of topics.toml as a training example; a labelled text weighs 1.",
        check=_not_negative,
    )
    """Weight of a keyword as a one-word example, where a labelled paragraph weighs 1."""

    context: bool = _setting(
        default=True, text="Judge the paragraphs of an article by their neighbours too.", check=_flag
    )
    """Judge a paragraph of an article by the paragraphs around it too, where the training documents have several and
    this tells more of those that were left out."""

    folds: int | None = _setting(
        default=None,
        text="Folds for calibration and thresholds. [default: 5, or 3 where there is much to learn]",
        check=_from_or_none(2),
        flags="--calibration-folds",
    )
    """Parts for the out-of-fold scores on which calibration and thresholds rest; documents are never split. None: 5,
    and 3 where examples times topics are 400,000 and more, of which even two thirds tell enough."""

    simplify: bool = _setting(
        default=False, text="Read traditional characters as simplified ones; needs OpenCC.", check=_flag
    )
    """Read traditional characters as simplified ones (OpenCC, the extra `traditional`) before anything is counted, in
    training and in tagging. Paragraphs and offsets stay those of the text as given."""

    seed: int = _setting(default=0, text="Seed of the solver and of the folds.", check=_from(0, below=2**32))
    """Seed of the solver and of the folds; the same data, settings and seed give the same model."""

    def __post_init__(self) -> None:
        for choice in fields(self):
            choice.metadata["check"](choice.name, getattr(self, choice.name))
        if not (self.words or self.characters):
            raise SettingsError(
                _("words and characters are both off, so there is nothing to count: turn one of them on")
            )

    def describe(self) -> str:
        """Return the mode and every setting that is not the default, in one line.

        >>> Settings(cost=0.5, exclusive=True).describe()
        'exclusive, cost=0.5'
        """
        mode = _(_MODES[self.exclusive])
        changed = [
            f"{choice.name}={getattr(self, choice.name)}"
            for choice in fields(self)
            if choice.name not in {"exclusive", "always_assign"}
            and getattr(self, choice.name) != choice.default
            and (choice.name, getattr(self, choice.name)) != ("folds", FOLDS)
        ]
        return joined([mode, *changed])

    def counting_key(self) -> tuple[object, ...]:
        """Return what the counted corpus depends on: settings with equal keys may share one."""
        return (
            self.words,
            self.characters,
            self.boundaries,
            self.minimum_documents,
            self.keyword_weight == 0,
            self.simplify,
            self.character_weight,
            self.seed,
        )

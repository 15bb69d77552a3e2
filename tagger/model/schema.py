"""What a manifest may say: the type and range of every value, checked at once where it is read.

A value that is not named here is refused, so that a new one needs a new format number; `quality` alone, which only
cards show, may say more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import msgspec
import orjson
from msgspec import Meta, Struct

from tagger.messages import _, joined
from tagger.model.files import Content

__all__ = ["LARGEST", "Entries", "PointEntry", "PointsEntry", "check_entries", "decode"]

# The largest numbers that training makes are some thousands; products of several of these are finite still.
LARGEST = 1e12

_Number = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
_Probability = Annotated[float, Meta(ge=0, le=1)]
# Sums of rounded shares may be above 1 in their last bits.
_Share = Annotated[float, Meta(ge=0, le=1 + 1e-9)]
_Count = Annotated[int, Meta(ge=0, le=1 << 53)]
_Positive = Annotated[float, Meta(ge=0, le=LARGEST)]
_Name = Annotated[str, Meta(min_length=1)]
_Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_Way = Literal["texts", "paragraphs"]


class _Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """Entries of which none may be unknown."""


class _Topic(_Strict, frozen=True):
    name: _Name
    title: str
    description: str
    keywords: tuple[str, ...]


class PointEntry(_Strict, frozen=True):
    """A threshold and what to expect of it, None where that was not measured."""

    threshold: _Probability
    precision: _Share | None
    recall: _Share | None


# The same in a list, as there are many.
_Point = tuple[_Probability, _Share | None, _Share | None]


class PointsEntry(_Strict, frozen=True):
    """What other thresholds of a topic would give."""

    best: _Point
    points: tuple[_Point, ...]


class _Calibration(_Strict, frozen=True):
    slope: dict[str, _Number]
    offset: dict[str, _Number]
    scarce_slope: dict[str, _Number]
    scarce_offset: dict[str, _Number]
    prior: dict[str, _Probability]


class _Tuning(_Strict, frozen=True):
    measure: str
    tried: dict[str, _Number]
    chosen: str
    cut: _Count


class _Provenance(_Strict, frozen=True):
    data_hash: str
    examples: _Count
    documents: _Count
    fewest_topics: _Count
    topic_counts: dict[str, _Count]
    versions: dict[str, str]
    tuning: _Tuning | None = None
    unlabelled: _Count = 0
    reading: tuple[str, ...] = ()


class _Estimate(Struct, frozen=True):
    value: _Number | None
    low: _Number | None
    high: _Number | None


class _Scores(Struct, frozen=True):
    average_precision: _Estimate
    precision: _Estimate
    recall: _Estimate
    f1: _Estimate


class _Measured(Struct, frozen=True):
    method: str
    signature: str
    topics: dict[str, _Scores]
    macro: _Scores
    micro: _Scores
    exact_match: _Estimate
    false_tag_rate: _Estimate
    calibration_error: _Number | None


_Intervals = dict[str, tuple[_Number, _Number, _Number]]


class _Real(Struct, frozen=True):
    articles: _Count
    paragraphs: _Count
    plain: _Count
    tag: _Intervals
    furnished: _Intervals = {}
    predict: _Intervals = {}


class _Quality(_Measured, frozen=True):
    also: dict[str, _Measured] = {}
    real: _Real | None = None


class Entries(_Strict, frozen=True):
    """A manifest of today's format; `tagger.settings.Settings` checks its own."""

    format: int
    topics: Annotated[tuple[_Topic, ...], Meta(min_length=1)]
    settings: dict[str, bool | int | float | str | None]
    thresholds: dict[_Way, dict[str, PointEntry]]
    bias: dict[str, _Number]
    calibration: _Calibration
    usual_paragraphs: _Positive | None
    dictionary: tuple[str, ...]
    provenance: _Provenance
    quality: _Quality | None
    operating_points: dict[_Way, dict[str, PointsEntry]]
    files: dict[str, _Hash]


def decode(content: Content | str) -> Any:
    """Return what JSON says.

    Raises:
        ValueError: when it is not JSON.
    """
    with _as_value_error():
        return msgspec.json.decode(content)


@contextmanager
def _as_value_error() -> Iterator[None]:
    """Raise what msgspec raises as a ValueError, which it is in its newest versions only."""
    try:
        yield
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error


def check_entries(manifest: dict[str, Any]) -> Entries:
    """Return a manifest with the types and ranges of its entries checked, and that every topic has its own.

    Raises:
        TypeError, ValueError: saying which entry cannot be.
    """
    with _as_value_error():
        entries = msgspec.convert(manifest, Entries)
    orjson.dumps(manifest)  # what is said in quality beside that, or of settings, can be printed
    names = [topic.name for topic in entries.topics]
    if len(set(names)) < len(names):
        raise ValueError(_("a topic occurs twice"))
    calibration = entries.calibration
    by_topic: dict[str, Iterable[str]] = {"bias": entries.bias, "topic_counts": entries.provenance.topic_counts}
    by_topic |= {name: getattr(calibration, name) for name in calibration.__struct_fields__}
    for name, ways in (("thresholds", entries.thresholds), ("operating_points", entries.operating_points)):
        by_topic |= {f"{name} of {way}": ways.get(way, ()) for way in ("texts", "paragraphs")}
    for name, found in by_topic.items():
        if set(found) != set(names):
            raise ValueError(
                _(
                    "{entry}: the topics are {found}, not {wanted}",
                    entry=name,
                    found=joined(sorted(found)) or _("none"),
                    wanted=joined(names),
                )
            )
    return entries

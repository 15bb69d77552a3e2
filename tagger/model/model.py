"""What a trained model consists of: the data that training makes, a model folder stores and tagging reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.features.vocabulary import Vocabulary
from tagger.messages import _
from tagger.records import Topic
from tagger.scoring.classifier import Classifier
from tagger.settings import Settings
from tagger.text import normalise

__all__ = ["FEATURES", "Feature", "Model", "Provenance", "check_lines", "feature_lines", "hash_texts"]

# The file of the features, which are in no array.
FEATURES = "vocabulary.tsv"

_KINDS = {"c": "characters", "w": "word"}
_HEADER = "kind\tfeature\tdocuments"
_LINE = r"[cw]\t[^\t\n]+\t[0-9]{1,15}\n"
# Bytes looked at together.
_PART = 1 << 20


@dataclass(frozen=True)
class Feature:
    """A word or character n-gram of the vocabulary and the number of training texts that contain it."""

    kind: str
    text: str
    documents: int


@dataclass(frozen=True)
class Provenance:
    """What a model was trained on and with.

    Attributes:
        data_hash: SHA-256 of the examples and topics, whatever file form they came in.
        examples, documents: how many there were.
        fewest_topics: the smallest number of topics that an example had.
        unlabelled: how many unlabelled texts there were beside them.
        reading: what was read from the labels, a sentence each: file, columns, what was passed over, warnings; in the
            language used, and in English once it was stored.
        topic_counts: examples of each topic.
        versions: of Tagger and of the packages that training used.
        tuning: the settings that were tried and what they scored, where tuning was asked for.
    """

    data_hash: str
    examples: int
    documents: int
    fewest_topics: int
    topic_counts: dict[str, int]
    versions: dict[str, str]
    tuning: dict[str, Any] | None = None
    unlabelled: int = 0
    reading: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """A trained model, whole: nothing else is needed to tag.

    Attributes:
        topics: the columns of all arrays that have one for each topic, in order.
        settings: as trained, with nothing left open.
        dictionary: the keywords that were taken for words whether a dictionary has them or not.
        vocabulary: text → columns of features.
        classifier: counted features → topics.
        provenance: what it was trained on.
        feature_text: the features in order of their columns, as `feature_lines` spells them; tagging needs none.
        text_hashes: uint32, in order, of the texts it was trained on (`hash_texts`); empty where not known.
        quality: what evaluation measured, as the manifest has it; None where nothing was.
    """

    topics: tuple[Topic, ...]
    settings: Settings
    dictionary: tuple[str, ...]
    vocabulary: Vocabulary
    classifier: Classifier
    provenance: Provenance
    feature_text: NDArray[np.uint8] = field(repr=False)
    quality: dict[str, Any] | None = None
    text_hashes: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32), repr=False)

    @property
    def topic_names(self) -> tuple[str, ...]:
        """The identifiers of the topics, in order."""
        return tuple(topic.name for topic in self.topics)

    def features(self) -> tuple[Feature, ...]:
        """Read `feature_text`: the feature of column `i` is `features()[i]`."""
        _header, *lines = self.feature_text.tobytes().decode("utf-8").split("\n")[:-1]
        return tuple(Feature(_KINDS[k], text, int(documents)) for k, text, documents in (x.split("\t") for x in lines))


def hash_texts(texts: Iterable[str]) -> NDArray[np.uint32]:
    """Return the hash of each text, whatever its width, case and blank ends, shape (texts,).

    Of a million texts, two in ten thousand others have the hash of one of them by chance.
    """
    keys = (normalise(text).strip().encode("utf-8", "replace") for text in texts)
    digests = b"".join(hashlib.blake2b(key, digest_size=4).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u4").astype(np.uint32)


def feature_lines(features: Iterable[Feature]) -> NDArray[np.uint8]:
    """Spell features as UTF-8 lines of kind, text and documents, separated by tabs, under a header.

    The kind is one letter, c for characters and w for a word: written out it would be a tenth of a model. No feature
    contains a tab or a line end: features never reach over white space.
    """
    lines = [_HEADER, *(f"{f.kind[0]}\t{f.text}\t{f.documents}" for f in features)]
    return np.frombuffer("".join(f"{line}\n" for line in lines).encode("utf-8"), dtype=np.uint8)


def check_lines(feature_text: NDArray[np.uint8]) -> None:
    """Refuse what `feature_lines` does not spell.

    Raises:
        ValueError: saying what is wrong with it.
    """
    # A pattern that keeps nothing to go back to, whatever the number of lines.
    part = re.compile(rf"(?:{_LINE})*+")
    header = f"{_HEADER}\n".encode()
    if feature_text[: len(header)].tobytes() != header:
        raise ValueError(_("does not begin with the line {line!r}", line=_HEADER))
    start, lines = len(header), np.flatnonzero(feature_text == ord("\n")) + 1
    while start < len(feature_text):
        fitting = lines[(lines > start) & (lines <= start + _PART)]
        end = int(fitting[-1]) if fitting.size else len(feature_text)
        text = feature_text[start:end].tobytes().decode("utf-8")
        if part.fullmatch(text) is None:
            raise ValueError(_("has a line that is not a kind, a feature and a number of documents, separated by tabs"))
        start = end

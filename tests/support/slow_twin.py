"""The tagging chain once more, slow and obvious: what the fast one must equal."""

import math
import re
from collections import Counter

import numpy as np

from tagger.features.vocabulary import WORD
from tagger.scoring.context import LinearContext
from tagger.scoring.weights import PackedWeights
from tagger.tagger import Tagger
from tagger.text import normalise

_SCRIPT = "abcdefghijklmnopqrstuvwxyz0123456789"
_WRITTEN = re.compile(rf"[{_SCRIPT}\u3400-\u9fff\uf900-\ufaff\U00020000-\U0010ffff]+")


class Twin:
    """Scores texts as a tagger does, in plain Python."""

    def __init__(self, tagger: Tagger) -> None:
        model = tagger.model
        texts, flags = model.vocabulary.node_texts(), model.vocabulary.flags
        self.model = model
        self.alphabet = set(map(chr, model.vocabulary.alphabet.tolist()))
        self.words = {text for text, flag in zip(texts, flags.tolist(), strict=True) if flag & WORD}
        self.longest = max(map(len, self.words), default=1)
        self.columns = {(f.kind, f.text): column for column, f in enumerate(model.features())}

    def cut(self, text: str) -> list[str]:
        """Cut normalised text into words: from the end of each run, the longest word that ends there."""
        # Characters that the model never met part words.
        known = "".join(character if character in self.alphabet else " " for character in text)
        return [word for run in _WRITTEN.findall(known) for word in self._cut_run(run)]

    def _cut_run(self, run: str) -> list[str]:
        words: list[str] = []
        end = len(run)
        while end:
            start = next(
                (s for s in range(max(0, end - self.longest), end - 1) if self._is_word(run, s, end)),
                self._last_of_script(run, end),
            )
            words.insert(0, run[start:end])
            end = start
        return words

    def _is_word(self, run: str, start: int, end: int) -> bool:
        parted = start > 0 and run[start - 1] in _SCRIPT and run[start] in _SCRIPT
        return run[start:end] in self.words and not parted

    def _last_of_script(self, run: str, end: int) -> int:
        start = end - 1
        while run[end - 1] in _SCRIPT and start > 0 and run[start - 1] in _SCRIPT:
            start -= 1
        return start

    def features(self, text: str) -> Counter[tuple[str, str]]:
        """Count characters, pairs of neighbours and words of one text."""
        counted: Counter[tuple[str, str]] = Counter()
        normalised = normalise(text)
        for run in f"￨{normalised}￨".split(" "):
            counted.update(("characters", character) for character in run)
            counted.update(("characters", run[i : i + 2]) for i in range(len(run) - 1))
        counted.update(("word", word) for word in self.cut(normalised))
        return counted

    def weigh(self, text: str) -> dict[int, float]:
        """Give the TF-IDF row of one text by column."""
        counted = {self.columns[f]: n for f, n in self.features(text).items() if f in self.columns}
        row = {
            column: (1 + math.log(n)) * float(self.model.classifier.linear.idf[column]) for column, n in counted.items()
        }
        length = math.sqrt(sum(value * value for value in row.values()))
        # Features of IDF 0 do not count, nor are they known.
        return {column: value / length for column, value in row.items() if value}

    def length_weights(self, size: int, topic: int) -> float:
        """Give what a length adds to a topic's score: four values to every doubling, a straight line between two."""
        length_weights = self.model.classifier.linear.length_weights[:, topic].tolist()
        if not length_weights:
            return 0.0
        place = min(4 * math.log2(max(size, 1)), 48)
        below = min(math.floor(place), 47)
        return float(length_weights[below] + (place - below) * (length_weights[below + 1] - length_weights[below]))

    def weight(self, column: int, topic: int) -> float:
        """Give the weight of a feature for a topic; packed ones are counted off by the bits before them."""
        weights = self.model.classifier.linear.weights
        if not isinstance(weights, PackedWeights):
            return float(np.asarray(weights)[column, topic])
        row = int(weights.rows[column])
        bits = ["".join(f"{byte:08b}" for byte in mask)[: weights.topics] for mask in weights.masks[: row + 1].tolist()]
        if bits[row][topic] == "0":
            return 0.0
        return float(weights.values["".join(bits[:row]).count("1") + bits[row][:topic].count("1")])

    def score(self, text: str) -> list[float]:
        """Give the score of one text for each topic: its TF-IDF row times the weights, without the IDF in them."""
        row = self.weigh(text)
        return [
            float(self.model.classifier.linear.bias[topic])
            + self.length_weights(len(normalise(text)), topic)
            + sum(
                value * self.weight(c, topic) / float(self.model.classifier.linear.idf[c]) for c, value in row.items()
            )
            for topic in range(len(self.model.topics))
        ]

    def log_odds(self, text: str) -> list[float]:
        """Give the log odds of one text by itself for each topic: the fewer features it has, the less a score means."""
        calibration, known = self.model.classifier.calibration, len(self.weigh(text))
        if not known:
            return [self._to_log_odds(float(share)) for share in calibration.prior]
        scarcity = 2 / (2 + known)
        return [
            (float(calibration.slope[topic]) + scarcity * float(calibration.scarce_slope[topic])) * score
            + float(calibration.offset[topic])
            + scarcity * float(calibration.scarce_offset[topic])
            for topic, score in enumerate(self.score(text))
        ]

    def _to_log_odds(self, share: float) -> float:
        return math.log(share) if self.model.classifier.exclusive else math.log(share / (1 - share))

    def squash(self, odds: list[float]) -> list[float]:
        """Give the probabilities of log odds."""
        if self.model.classifier.exclusive:
            powers = [math.exp(value - max(odds)) for value in odds]
            return [power / sum(powers) for power in powers]
        return [1 / (1 + math.exp(-value)) for value in odds]

    def probabilities(self, text: str) -> list[float]:
        """Give the probability of each topic for one text by itself."""
        return self.squash(self.log_odds(text))

    def judge(self, paragraphs: list[str]) -> list[list[float]]:
        """Give the probabilities of an article's paragraphs, two or more and no furniture, by a linear context."""
        context = self.model.classifier.context
        assert isinstance(context, LinearContext)
        alone = [self.log_odds(paragraph) for paragraph in paragraphs]
        before = [self.squash(odds) for odds in alone]
        found = []
        for place, paragraph in enumerate(paragraphs):
            others = [number for number in range(len(paragraphs)) if number != place]
            nearest = [(number, 3 - abs(number - place)) for number in others if abs(number - place) <= 2]
            length = math.log(1 + min(len(normalise(paragraph)), 60)) / math.log(61)
            odds = []
            for topic, weights in enumerate(context.weights.tolist()):
                own, near, rest, surest, silent, short = weights
                p = [probability[topic] for probability in before]
                company = near * sum(p[n] * w for n, w in nearest) / sum(w for _, w in nearest)
                company += rest * sum(p[n] for n in others) / len(others) + surest * max(p[n] for n in others)
                doubt = 1 - p[place] ** 2
                odds.append(own * alone[place][topic] + doubt * (length * company + silent + short * length))
            # A paragraph without a known feature keeps the prior.
            found.append(self.squash(odds) if self.weigh(paragraph) else before[place])
        return found

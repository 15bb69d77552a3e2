"""Labels of any form → everything that is doubtful in them, ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.copies import group_copies
from tagger.curation.evidence import weigh
from tagger.curation.findings import KINDS, Finding, copies, form, of_example, rare_topics
from tagger.curation.opinions import Opinions, ask, parts
from tagger.curation.planting import Calibration, Sought, calibrate, other_views, plant_errors, plantings
from tagger.curation.suspects import DROPS, SWAPS, Corrections
from tagger.dataset import Dataset, Doubtful, LabelOptions, read_doubtful
from tagger.dataset.keys import example_key
from tagger.errors import SettingsError
from tagger.records import Example, Topic
from tagger.settings import Settings
from tagger.training import Corpus, build_corpus, one_thread, resolve_settings

__all__ = ["Check", "Confusion", "Expectation", "check"]

# How many of the list people are told about; of fewer examples, all.
FIRST = 100
# A label is listed from this probability of being wrong on: of five such, one is.
_LISTED = 0.2
# These are listed whatever their probability, if another label is likelier at all: a list to begin with.
_AT_LEAST = 20
# Of fewer examples each is told from too few others.
_FEWEST = 20
_PAIRS = 10


@dataclass(frozen=True)
class Expectation:
    """How many of the labels that look most wrong are so, by errors planted into these labels.

    Attributes:
        first: how many of the ranked labels it is about.
        hits: how many of them are wrong, as expected.
        least, most: how many that may be, as it is not known what kinds of errors they are.
        rate: the share of all labels that is taken for wrong.
        planted: how many errors this was learnt from.
    """

    first: int
    hits: float
    least: float
    most: float
    rate: float
    planted: int


@dataclass(frozen=True)
class Confusion:
    """A topic that texts have, another that judges would give them instead, and how many such texts there are."""

    labelled: str
    likelier: str
    number: int


@dataclass(frozen=True)
class Check:
    """What was found in labels.

    Attributes:
        source: the name of the file, as the user gave it.
        examples, documents: how many there are.
        topics: those that are known.
        findings: what is doubtful, first what weighs most.
        confusions: the topics that are taken for others most often, first the most frequent.
        expectation: None where too little was there to plant errors in.
        judges: who judged the labels; none where there was too little to learn from.
    """

    source: str
    examples: int
    documents: int
    topics: tuple[Topic, ...]
    findings: tuple[Finding, ...]
    confusions: tuple[Confusion, ...] = ()
    expectation: Expectation | None = None
    judges: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each kind that there is."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    def suspects(self) -> tuple[Finding, ...]:
        """Return the labels that look wrong, the surest first."""
        wrong = [finding for finding in self.findings if finding.wrong is not None]
        return tuple(sorted(wrong, key=lambda finding: -(finding.wrong or 0.0)))

    def to_dict(self) -> dict[str, Any]:
        """Return the record, ready for JSON, in English."""
        return asdict(replace(self, findings=tuple(finding.in_english() for finding in self.findings)))


def check(
    labels: Any,
    *,
    topics: str | Path | Sequence[Topic] | None = None,
    options: LabelOptions | None = None,
    settings: Settings | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], object] | None = None,
    told: Callable[[Doubtful], object] | None = None,
) -> Check:
    """Find what is doubtful in labels of any form: what `train` would refuse too.

    `labels`, `topics`, `options` and `settings` are those of `tagger.train`. `jobs` is the number of processes; the
    findings are the same for any. `progress` is called with how many steps are done, and of how many; `told` with what
    was read, before the labels are judged.

    Raises:
        DecodeError: when a file is no text.
        DataError: when it cannot be read, or its columns cannot be told.
        SettingsError: when the settings do not fit the labels.
    """
    doubtful = read_doubtful(labels, topics=topics, options=options)
    if told is not None:
        told(doubtful)
    examples = doubtful.examples
    found = [*form(doubtful), *copies(doubtful), *rare_topics(doubtful)]
    result = Check(
        source=doubtful.reading.file,
        examples=len(examples),
        documents=len({e.document for e in examples if e.document is not None})
        + sum(e.document is None for e in examples),
        topics=doubtful.topics,
        findings=_ranked(found, doubtful),
    )
    judged = None if doubtful.dataset is None else _judge(doubtful.dataset, settings or Settings(), jobs, progress)
    if judged is None or doubtful.dataset is None:
        return result
    whole = {(example.line, example.text): example for example in doubtful.examples}
    known = [whole[example.line, example.text] for example in doubtful.dataset.examples]
    suspects, probability = judged.suspects(known)
    sure = {example.line: p for example, p in zip(known, probability.tolist(), strict=True)}
    # What stands on a line twice would be decided twice.
    settled = {finding.line for finding in found if finding.kind == "conflict"}
    found = [replace(f, wrong=sure.get(f.line)) if f.kind == "conflict" else f for f in found]
    found += [finding for finding in suspects if finding.line not in settled]
    return replace(
        result,
        findings=_ranked(found, doubtful),
        confusions=tuple(judged.confusions()),
        expectation=judged.expectation(probability),
        judges=tuple(judged.opinions.voices),
    )


@dataclass(frozen=True)
class _Judged:
    dataset: Dataset
    corpus: Corpus
    settings: Settings
    opinions: Opinions
    corrections: Corrections
    calibration: Calibration | None
    views: tuple[NDArray[np.float64], ...]

    def suspects(self, examples: Sequence[Example]) -> tuple[list[Finding], NDArray[np.float64]]:
        """Return the labels that look wrong, and how probable it is of each label, float64 (examples,)."""
        log_odds = self.corrections.log_odds
        if self.calibration is None:
            probability = np.exp(-np.logaddexp(0, -log_odds))
        else:
            probability = self.calibration.probability(log_odds)
        order = np.argsort(-log_odds, kind="stable")
        listed = (probability[order] >= _LISTED) | (np.arange(len(order)) < _AT_LEAST)
        rows = order[listed & (log_odds[order] > 0)]
        evidence = weigh(self.corpus, self.settings, self.corrections, rows)
        found = [
            of_example(
                self._kind(row),
                examples[row],
                wrong=round(float(probability[row]), 4),
                suggestion=self._suggestion(row, examples[row]),
                evidence=spoken,
            )
            for row, spoken in zip(rows.tolist(), evidence, strict=True)
        ]
        return found, probability

    def _kind(self, row: int) -> str:
        kind = self.corrections.kind[row]
        if kind == SWAPS:
            return "wrong topic"
        if kind == DROPS:
            return "extra topic"
        return "missing second topic" if self.opinions.targets[row].any() else "missing topic"

    def _suggestion(self, row: int, example: Example) -> tuple[str, ...]:
        """Return the topics after the correction, and those that are too rare to be judged."""
        names = [topic.name for topic in self.dataset.topics]
        corrected = self.corrections.apply(self.opinions.targets, row)
        judged = [name for name, has in zip(names, corrected.tolist(), strict=True) if has]
        return tuple(sorted({*judged, *example.topics} - ({*names} - {*judged})))

    def confusions(self) -> Iterator[Confusion]:
        """Yield the topics that are taken for others, first the most frequent pairs."""
        names = [topic.name for topic in self.dataset.topics]
        likelier = np.flatnonzero(
            (self.corrections.log_odds > 0) & (self.corrections.added >= 0) & (self.corrections.dropped >= 0)
        )
        pairs = Counter(
            zip(self.corrections.dropped[likelier].tolist(), self.corrections.added[likelier].tolist(), strict=True)
        )
        for (dropped, added), number in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:_PAIRS]:
            yield Confusion(names[dropped], names[added], number)

    def expectation(self, probability: NDArray[np.float64]) -> Expectation | None:
        """Return how many of the first hundred are wrong, as expected."""
        if self.calibration is None:
            return None
        first = min(FIRST, len(probability))
        rows = np.argsort(-self.corrections.log_odds, kind="stable")[:first]
        hits = float(probability[rows].sum())
        seen = [hits, *(float(view[rows].sum()) for view in self.views)]
        least, most = min(seen), max(seen)
        return Expectation(
            first,
            round(hits, 1),
            least=round(least, 1),
            most=round(most, 1),
            rate=round(self.calibration.rate, 4),
            planted=self.calibration.planted,
        )


def _judge(
    dataset: Dataset, settings: Settings, jobs: int, progress: Callable[[int, int], object] | None
) -> _Judged | None:
    """Ask the judges of the labels as they are, and of the labels with errors planted into them."""
    if len(dataset.examples) < _FEWEST:
        return None
    settings = resolve_settings(settings, dataset)
    try:
        with one_thread():
            corpus = build_corpus(dataset, settings)
        together = group_copies([example.text for example in dataset.examples])
        if len(np.unique(parts(corpus, together))) < 2:
            return None
        times = plantings(len(dataset.examples))
        opinions = ask(corpus, settings, together, jobs=jobs)
    except SettingsError:  # there is no feature to learn from
        return None
    sought = []
    for number in range(times):
        if progress is not None:
            progress(number + 1, times + 1)
        sought.append(_plant(corpus, settings, together, opinions, jobs=jobs, seed=number))
    calibration, views = calibrate(opinions, sought), tuple(other_views(opinions, sought))
    if progress is not None:
        progress(times + 1, times + 1)
    return _Judged(dataset, corpus, settings, opinions, opinions.corrections(), calibration, views)


def _plant(
    corpus: Corpus, settings: Settings, together: NDArray[np.int64], opinions: Opinions, *, jobs: int, seed: int
) -> Sought:
    """Return what is found in labels with planted errors."""
    labels, _ = plant_errors(opinions.targets, opinions.probability, mode=opinions.mode, seed=seed)
    targets = corpus.targets.copy()
    targets[: len(labels)] = labels
    asked = ask(replace(corpus, targets=targets), settings, together, judges=[*opinions.voices], jobs=jobs)
    return Sought.of(asked.corrections(), opinions, labels)


def _ranked(findings: Sequence[Finding], doubtful: Doubtful) -> tuple[Finding, ...]:
    """Order by kind, but labels that look wrong by how sure it is; and give each the key of what is written."""
    keys = {(example.line, example.text): example_key(example) for example in doubtful.written}
    rank = {kind: place for place, kind in enumerate(KINDS)}
    together = rank["wrong topic"]

    def key(finding: Finding) -> tuple[int, float, int]:
        wrong = finding.kind in KINDS[together : KINDS.index("near conflict")]
        place = together if wrong else rank[finding.kind]
        return place, -(finding.wrong or 0.0) if wrong else 0.0, finding.line or 0

    found = [replace(finding, key=keys.get((finding.line, finding.text), "")) for finding in findings]
    return tuple(sorted(found, key=key))

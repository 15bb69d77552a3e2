"""What is compared: ours, and what others use, each as its own users would write it.

Libraries are imported only where a method needs them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from speed.rivals import RIVALS, Labels, Predict, Rival
from speed.sets import Labelled, is_exclusive

__all__ = ["BUDGET", "FEW_METHODS", "METHODS", "train_with_pool"]

# Seconds for tagger's --tune and for fastText's autotune alike, on all cores.
BUDGET = 60
# fastText leaves out examples without a label, so that they get one of their own.
_NONE = "none"


def _given(examples: Sequence[Labelled]) -> list[Any]:
    import tagger  # noqa: PLC0415 - only where it is needed, as every import below

    return [tagger.Example(example.text, example.labels, example.document) for example in examples]


def _train_tuned(examples: Sequence[Labelled], folder: Path) -> None:
    import tagger  # noqa: PLC0415
    from tagger.dataset import read_dataset  # noqa: PLC0415
    from tagger.training import train_dataset, tune  # noqa: PLC0415

    dataset = read_dataset(_given(examples), topics=(), keep_conflicts=True)
    tuning = tune(dataset, tagger.Settings(), budget=BUDGET, jobs=-1)
    train_dataset(dataset, tuning.settings, tuning=tuning.to_dict(), jobs=-1).save(folder / "model")


def train_with_pool(examples: Sequence[Labelled], pool: Sequence[Labelled], folder: Path) -> None:
    """Train ours with the texts of `pool`, whose labels it is not told."""
    import tagger  # noqa: PLC0415

    texts = [example.text for example in pool]
    tagger.train(_given(examples), topics=(), unlabelled=texts, keep_conflicts=True).save(folder / "model")


def _train_on_our_features(examples: Sequence[Labelled], folder: Path, *, machine: Callable[[], Any]) -> None:
    import joblib  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415

    import tagger  # noqa: PLC0415
    from tagger.dataset import read_dataset  # noqa: PLC0415
    from tagger.features.extraction import document_frequencies, inverse_frequencies  # noqa: PLC0415
    from tagger.training import build_corpus  # noqa: PLC0415

    dataset = read_dataset(_given(examples), topics=(), keep_conflicts=True)
    exclusive = is_exclusive(examples)
    corpus = build_corpus(dataset, tagger.Settings(exclusive=exclusive))
    frequencies = document_frequencies(corpus.counts, features=corpus.features)
    idf = inverse_frequencies(frequencies, documents=len(corpus.counts))
    fitted = machine() if exclusive else OneVsRestClassifier(machine())
    fitted.fit(_matrix(corpus.counts, idf), corpus.targets.argmax(axis=1) if exclusive else corpus.targets.astype(int))
    names = np.array([topic.name for topic in dataset.topics])
    joblib.dump((corpus.vocabulary, idf, fitted, names), folder / "model.joblib")


def _matrix(counts: Any, idf: Any) -> Any:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    from tagger.features.extraction import tfidf  # noqa: PLC0415

    rows = tfidf(counts, idf)
    return csr_matrix((rows.values, rows.columns, rows.indptr), shape=(len(rows), len(idf)))


def _load_on_our_features(folder: Path) -> Predict:
    import joblib  # noqa: PLC0415

    from tagger.features.extraction import count, extract  # noqa: PLC0415

    vocabulary, idf, fitted, names = joblib.load(folder / "model.joblib")

    def predict(texts: Sequence[str]) -> Labels:
        marks = fitted.predict(_matrix(count(extract(texts, vocabulary)), idf))
        if marks.ndim == 1:
            return [(str(name),) for name in names[marks]]
        return [tuple(names[row.astype(bool)].tolist()) for row in marks]

    return predict


def _linear_svc() -> Any:
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    return LinearSVC(random_state=0)


def _complement_nb() -> Any:
    from sklearn.naive_bayes import ComplementNB  # noqa: PLC0415

    return ComplementNB()


def _jieba_spaced(text: str) -> str:
    from speed.jieba_words import spaced  # noqa: PLC0415

    return spaced(text)


def _train_autotuned(examples: Sequence[Labelled], folder: Path, *, spaced: Callable[[str], str]) -> None:
    """Let fastText choose for BUDGET seconds, on every tenth example, as its documentation shows."""
    import fasttext  # noqa: PLC0415

    lines = [
        " ".join(f"__label__{label}" for label in example.labels or (_NONE,)) + f" {spaced(example.text)}\n"
        for example in examples
    ]
    train, validation = folder / "train.txt", folder / "validation.txt"
    train.write_text("".join(line for place, line in enumerate(lines) if place % 10), encoding="utf-8")
    validation.write_text("".join(lines[::10]), encoding="utf-8")
    loss = "softmax" if is_exclusive(examples) else "ova"
    model = fasttext.train_supervised(
        str(train),
        autotuneValidationFile=str(validation),
        autotuneDuration=BUDGET,
        loss=loss,
        bucket=200_000,
        seed=0,
        thread=os.cpu_count(),
        verbose=0,
    )
    train.unlink()
    validation.unlink()
    model.save_model(str(folder / f"{loss}.bin"))


def _on_our_features(title: str, machine: Callable[[], Any]) -> Rival:
    return Rival(title, ("tagger",), partial(_train_on_our_features, machine=machine), _load_on_our_features)


def _autotuned(name: str, spaced: Callable[[str], str]) -> Rival:
    rival = RIVALS[name]
    return Rival(f"{rival.title}, autotune", rival.needs, partial(_train_autotuned, spaced=spaced), rival.load)


_TAGGER = RIVALS["tagger"]
METHODS = {
    "tagger": Rival("tagger, default", (), _TAGGER.train, _TAGGER.load),
    "tagger_tuned": Rival("tagger, --tune", (), _train_tuned, _TAGGER.load),
    "scikit_learn_jieba": RIVALS["scikit_learn_jieba"],
    "same_features": _on_our_features("LinearSVC, our features", _linear_svc),
    "complement_nb": _on_our_features("ComplementNB, our features", _complement_nb),
    "fasttext_characters": RIVALS["fasttext_characters_pairs"],
    "fasttext_characters_autotune": _autotuned("fasttext_characters_pairs", " ".join),
    "fasttext_jieba": RIVALS["fasttext_jieba"],
    "fasttext_jieba_autotune": _autotuned("fasttext_jieba", _jieba_spaced),
}
FEW_METHODS = tuple(name for name in METHODS if not name.endswith(("autotune", "tuned")))

"""What is compared: each rival trains and saves, and loads and predicts, as its own users would write it.

Libraries are imported only where a rival needs them, in the process that runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from speed.sets import Labelled, is_exclusive

__all__ = ["CHARACTERS", "OURS", "RIVALS", "Predict", "Rival"]

Labels = list[tuple[str, ...]]
Predict = Callable[[Sequence[str]], Labels]
Train = Callable[[Sequence[Labelled], Path], None]

OURS, CHARACTERS = "tagger", "tagger_characters"
# fastText leaves out examples without a label, so that they get one of their own.
_NONE = "none"
# As fastText's own tutorial chooses them; its defaults (0.1, 5) lose 2 to 6 points.
_FASTTEXT: dict[str, Any] = {"lr": 0.5, "epoch": 25, "bucket": 200_000, "seed": 0, "thread": 1, "verbose": 0}
_WABBIT_PASSES = 5
_WABBIT_BITS = 22


@dataclass(frozen=True)
class Rival:
    """One way to label texts.

    Attributes:
        title: what tables call it.
        needs: the packages without which it is left out.
        train: examples, folder to save in.
        load: folder → what predicts.
    """

    title: str
    needs: tuple[str, ...]
    train: Train
    load: Callable[[Path], Predict]

    def missing(self) -> list[str]:
        """Name the packages that are not installed."""
        return [package for package in self.needs if find_spec(package) is None]


def _train_ours(examples: Sequence[Labelled], folder: Path, *, words: bool = True) -> None:
    import tagger  # noqa: PLC0415 - only where it is needed, as every import below

    settings = tagger.Settings(exclusive=is_exclusive(examples), words=words)
    given = [tagger.Example(example.text, example.labels, example.document) for example in examples]
    tagger.train(given, topics=(), settings=settings, keep_conflicts=True).save(folder / "model")


def _load_ours(folder: Path) -> Predict:
    import tagger  # noqa: PLC0415

    return tagger.load(folder / "model").predict


def _train_scikit_learn(examples: Sequence[Labelled], folder: Path, *, vectoriser: Callable[[], Any]) -> None:
    import joblib  # noqa: PLC0415
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import MultiLabelBinarizer  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    texts = [example.text for example in examples]
    if is_exclusive(examples):
        pipeline = make_pipeline(vectoriser(), LinearSVC())
        pipeline.fit(texts, [example.labels[0] for example in examples])
        names = None
    else:
        binarizer = MultiLabelBinarizer()
        pipeline = make_pipeline(vectoriser(), OneVsRestClassifier(LinearSVC()))
        pipeline.fit(texts, binarizer.fit_transform([example.labels for example in examples]))
        names = list(binarizer.classes_)
    joblib.dump((pipeline, names), folder / "pipeline.joblib")


def _jieba_words() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    from speed.jieba_words import cut  # noqa: PLC0415

    return TfidfVectorizer(tokenizer=cut, token_pattern=None)


def _same_features() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    from speed.rjieba_words import features  # noqa: PLC0415

    return TfidfVectorizer(analyzer=features, sublinear_tf=True)


def _load_scikit_learn(folder: Path) -> Predict:
    import joblib  # noqa: PLC0415

    pipeline, names = joblib.load(folder / "pipeline.joblib")
    if names is None:
        return lambda texts: [(str(label),) for label in pipeline.predict(texts)]
    return lambda texts: [
        tuple(name for name, mark in zip(names, row, strict=True) if mark) for row in pipeline.predict(texts).tolist()
    ]


def _jieba_spaced() -> Callable[[str], str]:
    from speed.jieba_words import spaced  # noqa: PLC0415

    return spaced


def _rjieba_spaced() -> Callable[[str], str]:
    from speed.rjieba_words import spaced  # noqa: PLC0415

    return spaced


def _characters_spaced() -> Callable[[str], str]:
    return " ".join


_Spacing = Callable[[], Callable[[str], str]]


def _train_fasttext(examples: Sequence[Labelled], folder: Path, *, spacing: _Spacing, ngrams: int) -> None:
    import fasttext  # noqa: PLC0415

    spaced = spacing()
    lines = folder / "train.txt"
    with lines.open("w", encoding="utf-8") as file:
        for example in examples:
            marks = " ".join(f"__label__{label}" for label in example.labels or (_NONE,))
            file.write(f"{marks} {spaced(example.text)}\n")
    loss = "softmax" if is_exclusive(examples) else "ova"
    model = fasttext.train_supervised(str(lines), loss=loss, wordNgrams=ngrams, **_FASTTEXT)
    lines.unlink()
    model.save_model(str(folder / f"{loss}.bin"))


def _load_fasttext(folder: Path, *, spacing: _Spacing) -> Predict:
    import fasttext  # noqa: PLC0415

    spaced = spacing()
    (path,) = folder.glob("*.bin")
    model = fasttext.load_model(str(path))
    most, threshold = (1, 0.0) if path.stem == "softmax" else (-1, 0.5)

    def predict(texts: Sequence[str]) -> Labels:
        marks, _ = model.predict([spaced(text) for text in texts], k=most, threshold=threshold)
        return [tuple(label for mark in row if (label := mark.removeprefix("__label__")) != _NONE) for row in marks]

    return predict


def _train_wabbit(examples: Sequence[Labelled], folder: Path) -> None:
    import random  # noqa: PLC0415

    from vowpalwabbit import Workspace  # noqa: PLC0415

    from speed.rjieba_words import namespaces  # noqa: PLC0415

    exclusive = is_exclusive(examples)
    names = sorted({label for example in examples for label in example.labels})
    # Its labels are numbers: from 1 up where one is given, from 0 up where several are.
    numbers = {name: place + exclusive for place, name in enumerate(names)}
    lines = [
        f"{','.join(str(numbers[label]) for label in example.labels)} {namespaces(example.text)}"
        for example in examples
    ]
    mode = "oaa" if exclusive else "multilabel_oaa"
    options = f"--{mode} {len(names)} --ngram c2 -b {_WABBIT_BITS} --loss_function logistic --quiet"
    workspace = Workspace(options)
    chance = random.Random(0)  # noqa: S311 - a fixed seed is the point
    for _ in range(_WABBIT_PASSES):
        chance.shuffle(lines)
        for line in lines:
            workspace.learn(line)
    workspace.save(str(folder / f"{mode}.vw"))
    workspace.finish()
    (folder / "names.txt").write_text("\n".join(names), encoding="utf-8")


def _load_wabbit(folder: Path) -> Predict:
    from vowpalwabbit import Workspace  # noqa: PLC0415

    from speed.rjieba_words import namespaces  # noqa: PLC0415

    names = (folder / "names.txt").read_text(encoding="utf-8").split("\n")
    (path,) = folder.glob("*.vw")
    workspace = Workspace(f"-i {path} -t --quiet")
    if path.stem == "oaa":
        return lambda texts: [(names[workspace.predict(namespaces(text)) - 1],) for text in texts]
    return lambda texts: [tuple(names[place] for place in workspace.predict(namespaces(text))) for text in texts]


def _fasttext(title: str, spacing: _Spacing, *, ngrams: int, needs: Iterable[str] = ()) -> Rival:
    train = partial(_train_fasttext, spacing=spacing, ngrams=ngrams)
    return Rival(title, ("fasttext", *needs), train, partial(_load_fasttext, spacing=spacing))


RIVALS = {
    OURS: Rival("tagger, words + characters", (), _train_ours, _load_ours),
    CHARACTERS: Rival("tagger, characters only", (), partial(_train_ours, words=False), _load_ours),
    "scikit_learn_jieba": Rival(
        "scikit-learn + jieba", ("jieba",), partial(_train_scikit_learn, vectoriser=_jieba_words), _load_scikit_learn
    ),
    "scikit_learn_rjieba": Rival(
        "scikit-learn + rjieba, our features",
        ("rjieba",),
        partial(_train_scikit_learn, vectoriser=_same_features),
        _load_scikit_learn,
    ),
    "fasttext_jieba": _fasttext("fastText, jieba words", _jieba_spaced, ngrams=1, needs=("jieba",)),
    "fasttext_rjieba": _fasttext("fastText, rjieba words", _rjieba_spaced, ngrams=1, needs=("rjieba",)),
    "fasttext_rjieba_pairs": _fasttext("fastText, rjieba words + pairs", _rjieba_spaced, ngrams=2, needs=("rjieba",)),
    "fasttext_characters": _fasttext("fastText, characters", _characters_spaced, ngrams=1),
    "fasttext_characters_pairs": _fasttext("fastText, characters + pairs", _characters_spaced, ngrams=2),
    "vowpal_wabbit": Rival(
        "Vowpal Wabbit, words + characters", ("vowpalwabbit", "rjieba"), _train_wabbit, _load_wabbit
    ),
}

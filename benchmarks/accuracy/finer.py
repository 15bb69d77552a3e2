"""Headlines in many topics: the ten desks of a public set, each parted into clusters of similar headlines.

No public set of Chinese headlines has hundreds of topics. Clusters are found by k-means on coordinates of latent
semantic analysis of characters and pairs, with fixed seeds, so that the topics are learnable and uneven, as real ones
are: 400 of them have from one example to a hundred.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np

from accuracy.sets import read_split

__all__ = ["FINER", "with_finer"]

# Set → how many topics it has.
FINER = {"titles in 100 topics": 100, "titles in 400 topics": 400, "titles in 1,000 topics": 1000}
_SOURCE = "thucnews_titles"
_TRAINED, _TESTED = 10_000, 2_000


def with_finer(bench: Path, name: str, place: Path) -> Path:
    """Return the folder of a set; one of finer topics is written to a folder below `place` first."""
    if name not in FINER:
        return bench / name
    folder = place / f"finer_{FINER[name]}"
    if not folder.exists():
        _write(bench / _SOURCE, folder, FINER[name])
    return folder


def _write(source: Path, folder: Path, topics: int) -> None:
    from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415 - only where it is needed
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - likewise
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - likewise
    from sklearn.preprocessing import normalize  # noqa: PLC0415 - likewise

    train = list(read_split(source, "train"))
    random.Random(0).shuffle(train)  # noqa: S311 - a fixed seed is the point
    splits = {"train": train[:_TRAINED], "test": list(read_split(source, "test"))[:_TESTED]}
    every = [example for split in splits.values() for example in split]
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    rows = vectors.fit_transform([example.text for example in every])
    places = normalize(TruncatedSVD(100, random_state=0).fit_transform(rows))
    desk = np.array([example.labels[0] for example in every])
    desks = np.unique(desk)
    cluster = np.zeros(len(every), dtype=int)
    for name in desks:
        machine = MiniBatchKMeans(topics // len(desks), random_state=0, n_init=3, batch_size=4096)
        cluster[desk == name] = machine.fit_predict(places[desk == name])
    labels = iter(f"{name}{number}" for name, number in zip(desk, cluster, strict=True))
    folder.mkdir(parents=True)
    for split, examples in splits.items():
        lines = [{"text": example.text, "labels": [next(labels)]} for example in examples]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{split}.jsonl").write_text(text, encoding="utf-8")

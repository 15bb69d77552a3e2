"""What a user's own script does with the usual recipe: python -m speed.cold_start PIPELINE ARTICLE."""

from __future__ import annotations

import sys
from pathlib import Path

import joblib
import sklearn.multiclass
import sklearn.pipeline  # noqa: F401 - the usual script imports what it unpickles

import speed.jieba_words  # noqa: F401 - jieba, which the pipeline calls

pipeline, names = joblib.load(sys.argv[1])
marks = pipeline.predict(Path(sys.argv[2]).read_text(encoding="utf-8").splitlines())
print([[name for name, mark in zip(names, row, strict=True) if mark] for row in marks.tolist()])

"""Model folders spoilt in any way: an error of our own, the same answers, or others in their ranges."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import model_mutants
import pytest
from packed_weights import packed

import tagger
from tagger.dataset import read_dataset
from tagger.evaluation import evaluate_tagger


@pytest.fixture(scope="module")
def models(tiny: tagger.Tagger, tiny_labels: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of models of every format, one of which has all that a manifest can have."""
    folder = tmp_path_factory.mktemp("models")
    quality = evaluate_tagger(tiny, read_dataset(tiny_labels)).quality()
    real = {
        "articles": 1,
        "paragraphs": 2,
        "plain": 0,
        "tag": {"F1": [0.5, 0.4, 0.6]},
        "predict": {"F1": [0.5, 0.4, 0.6]},
    }
    quality |= {"also": {"elsewhere": dict(quality)}, "real": real}
    tuning = {"measure": "macro-F1", "chosen": "as they are", "tried": {"cost=2": 0.5}, "cut": 1}
    model = replace(tiny.model, quality=quality, provenance=replace(tiny.model.provenance, tuning=tuning))
    tagger.Tagger(model).save(folder / "measured")
    for name in ("format_2/model", "format_3/multi_label/model", "format_3/exclusive/model"):
        shutil.copytree(root / "tests" / "cases" / name, folder / name)
    tagger.load(folder / "format_3/exclusive/model").save(folder / "exclusive")
    packed(tiny).save(folder / "packed")
    return folder


def run(models: Path, number: int, seed: int) -> dict[str, int]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, model_mutants.__file__, models, str(number), str(seed)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("number", "seed"),
    [
        pytest.param(200, 1, marks=pytest.mark.full),
        pytest.param(5000, 2, marks=[pytest.mark.full, pytest.mark.long]),
    ],
)
def test_spoilt_models_are_refused_or_answer(models: Path, number: int, seed: int) -> None:
    seen = run(models, number, seed)
    print(json.dumps(seen))  # noqa: T201 - docs/reliability.md has it; pytest -s shows it
    assert seen.pop("megabytes") < 300
    assert sum(seen.values()) == number
    assert seen["alone: refused"] > number // 4
    assert min(seen["fitting: refused"], seen["fitting: the same"]) > number // 30
    assert seen["fitting: other answers in their ranges"] > 0

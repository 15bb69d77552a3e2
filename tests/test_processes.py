"""Processes that are started: what they import, and what they inherit."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tagger
from tagger.processes import safe_path

# What Python, this package or a child process of either imports sooner or later.
NAMES = ("argparse", "contextlib", "joblib", "numpy", "psutil", "subprocess", "threading", "weakref")
# What an installed `tagger` is.
SCRIPT = "import sys\nfrom tagger.__main__ import main\nif __name__ == '__main__':\n    sys.exit(main())\n"


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder with files named as modules are, each of which leaves a trace where it is run."""
    folder = tmp_path / "downloaded"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.py").write_text(
            f"open({str(tmp_path / 'run')!r}, 'a').write('{name} ')\nraise ImportError\n", encoding="utf-8"
        )
    return folder


def run_in(folder: Path, how: list[str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    environment["PYTHONPATH"] = str(Path(tagger.__file__).parents[1])  # installed or not
    return subprocess.run(
        [sys.executable, *how, *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.full
@pytest.mark.parametrize(
    ("how", "command"),
    [("script", "tag"), ("-m", "tag"), ("script", "train"), pytest.param("script", "evaluate", marks=pytest.mark.full)],
)
def test_no_process_imports_from_the_current_folder(
    trap: Path, how: str, command: str, tiny_labels: Path, model: Path, tmp_path: Path
) -> None:
    script = tmp_path / "bin" / "tagger"
    script.parent.mkdir()
    script.write_text(SCRIPT, encoding="utf-8")
    lines = tmp_path / "in.jsonl"
    lines.write_text('{"text": "苹果和火车"}\n' * 400, encoding="utf-8")
    arguments: dict[str, list[str | Path]] = {
        "tag": [lines, "--model", model, "-o", tmp_path / "out.jsonl", "--chunk-bytes", "500"],
        "train": [tiny_labels, "-o", tmp_path / "model", "--no-evaluate"],
        "evaluate": [tiny_labels, "--folds", "2"],
    }
    if how == "-m":
        (trap / "contextlib.py").unlink()  # Python itself imports it to find what to run
    done = run_in(
        trap, [str(script)] if how == "script" else ["-m", "tagger"], command, *arguments[command], "--jobs", "2"
    )
    assert not (tmp_path / "run").exists(), (tmp_path / "run").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stderr


@pytest.mark.full
def test_same_bytes_for_any_number_of_processes_and_threads(root: Path, tmp_path: Path) -> None:
    with (root / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for _, row in zip(range(301), csv.reader(file), strict=False)]
    with (tmp_path / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    found = []
    for threads, jobs in (("1", "1"), ("2", "1"), ("2", "2")):
        out = tmp_path / f"{threads}-{jobs}"
        settings = [
            sys.executable,
            "-m",
            "tagger",
            "train",
            str(tmp_path / "labels.csv"),
            "-o",
            str(out),
            "--jobs",
            jobs,
        ]
        environment = os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        subprocess.run([*settings, "--no-evaluate"], env=environment, check=True, capture_output=True, timeout=300)
        found.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert [name for name in found[0] if found[0][name] != found[1][name]] == []
    assert [name for name in found[0] if found[0][name] != found[2][name]] == []


def test_what_is_started_meanwhile_is_safe_and_what_was_before_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for before in (None, "", "1"):
        if before is None:
            monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
        else:
            monkeypatch.setenv("PYTHONSAFEPATH", before)
        with safe_path():
            with safe_path():
                assert os.environ["PYTHONSAFEPATH"] == "1"
            assert os.environ["PYTHONSAFEPATH"] == "1"
        assert os.environ.get("PYTHONSAFEPATH") == before

"""tagger demo: a small labelled sheet, texts without labels and topics.toml, to play with, in a new folder."""

from __future__ import annotations

import os
import shlex
import subprocess
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tagger.cli.printing import echo
from tagger.cli.sections import Command
from tagger.errors import RunError
from tagger.files import sync_file, translate_write_errors
from tagger.messages import N_, _

__all__ = ["demo"]

_FILES = ("labels.csv", "pool.csv", "topics.toml")
# Each command stands on a line of its own, without a comment: zsh and cmd.exe take none where commands are typed.
_NEXT = N_(
    """\
{folder}:
    labels.csv   labelled texts
    pool.csv     texts without labels
    topics.toml  titles and keywords of topics

train in the folder, and see how good it is:
    cd {folder}
    tagger train labels.csv -o model
measure once more, all trained again for each fold:
    tagger evaluate labels.csv
tag the other texts, and open tagged.csv in Excel:
    tagger tag --model model pool.csv -o tagged.csv
what decided:
    tagger explain --model model 今天地铁又限流了"""
)


@click.command(cls=Command, epilog="Example: tagger demo")
@click.argument("folder", default="tagger-demo")
def demo(folder: str) -> None:
    """Write a small sheet of labels, and texts without labels, into a new FOLDER, and print what to do with them.

    FOLDER is tagger-demo when left out. The texts are about cooking, plants, getting about, or none of these.
    """
    target = Path(folder)
    if os.path.lexists(target):
        text = _("{folder}: is there already, and stays as it is; name a new folder: tagger demo FOLDER", folder=folder)
        raise RunError(text)
    write_demo(target)
    echo(_(_NEXT, folder=_quoted(folder)))


def write_demo(target: Path) -> None:
    """Write the files into a new folder, which is there with all of them or not at all.

    Raises:
        RunError: when it cannot be written.
    """
    source = files("tagger.cli") / "demo_files"
    parent = target.absolute().parent
    with translate_write_errors(target):
        parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".tagger-demo-", dir=parent) as draft:
            whole = Path(draft) / "demo"
            whole.mkdir()
            for name in _FILES:
                (whole / name).write_bytes((source / name).read_bytes())
                sync_file(whole / name)
            whole.rename(target)


def _quoted(folder: str) -> str:
    """Return a folder as the shell of this system takes it for one word."""
    if os.name == "nt":  # pragma: no cover - Windows quotes in another way
        return subprocess.list2cmdline([folder])
    return shlex.quote(folder)

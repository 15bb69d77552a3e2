"""The command on a pseudo-terminal."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest


class Shown(NamedTuple):
    exit_code: int
    text: str


def run_on_a_terminal(*arguments: str | Path, columns: int = 100, term: str = "dumb", encoding: str = "utf-8") -> Shown:
    """Run the command with a terminal for all that it reads and writes, and return what it prints, without colours."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tagger", *map(str, arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"COLUMNS": str(columns), "TERM": term, "PYTHONIOENCODING": encoding},
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not piece:
            break
        printed += piece
    process.wait()
    os.close(ours)
    return Shown(process.returncode, re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", printed.decode(encoding)))

"""Print the oldest versions that pyproject.toml declares, as constraints for pip: python scripts/oldest.py [EXTRA…].

`pip install --constraint` with what this prints makes the oldest environment that users may have. Where the
dependencies and several extras name one package, the highest of their lower bounds counts, as it does for pip.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
# A name, its extras, and anything up to the lower bound, which each requirement must have.
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[[\w,-]+\])?[^;]*>=(?P<lowest>[\d.]+)")


def main() -> None:
    """Print a line for each dependency, and for each package of the extras that are named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    required = [*project["dependencies"], *(requirement for extra in sys.argv[1:] for requirement in extras[extra])]
    lowest: dict[str, str] = {}
    for requirement in required:
        match = REQUIREMENT.match(requirement)
        if match is None:
            sys.exit(f"{requirement!r} has no lower bound: write >= and the oldest version that works")
        lowest[match["name"]] = max(match["lowest"], lowest.get(match["name"], "0"), key=_as_numbers)
    for name, version in lowest.items():
        print(f"{name}=={version}")


def _as_numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


if __name__ == "__main__":
    main()

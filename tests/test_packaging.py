"""What an installation gets: no dependency that is not used, and none used that is not declared."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

# Packages that have another name than the module they hold.
MODULES = {
    "XlsxWriter": "xlsxwriter",
    "backports.zstd": "backports",
    "python-calamine": "python_calamine",
    "scikit-learn": "sklearn",
}
# jieba is its dictionary here, a file; PySpark asks for pandas.
NOT_IMPORTED = {"jieba", "pandas"}
# Since Python 3.14.
STANDARD = {"compression", *sys.stdlib_module_names}


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, object]:
    if not (root / "tagger").is_dir():
        pytest.skip("the source is not beside these tests")
    found: dict[str, object] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def modules_of(requirements: object) -> set[str]:
    assert isinstance(requirements, list)
    names = [re.split(r"[^\w.-]", requirement)[0] for requirement in requirements]
    return {MODULES.get(name, name) for name in names}


def imports(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield (node.module or "").partition(".")[0]


def test_every_dependency_is_imported_and_everything_imported_is_declared(
    project: dict[str, object], root: Path
) -> None:
    extras = project["optional-dependencies"]
    assert isinstance(extras, dict)
    core = modules_of(project["dependencies"])
    for_users = set().union(
        *(modules_of(extras[name]) for name in ("excel", "pages", "serve", "spark", "tables", "traditional"))
    )
    found = set(imports(root / "tagger")) - STANDARD - {"tagger"}
    assert core | for_users == found | NOT_IMPORTED
    assert not core & for_users


def test_the_version_is_the_same_everywhere(project: dict[str, object], root: Path) -> None:
    version = project["version"]
    assert f"\nversion: {version}\n" in (root / "CITATION.cff").read_text(encoding="utf-8")
    newest = re.search(r"^## (.+)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] in (str(version), "Unreleased")

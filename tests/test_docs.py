"""What the documents say is run, or compared with what the program prints."""

import doctest
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click import Context
from command_line import invoke
from terminal import run_on_a_terminal

import tagger
from tagger.cli import main
from tagger.model.card import render_card
from tagger.spark.__main__ import main as tag_on_spark

DOCS = Path(__file__).parents[1] / "docs"
DOCUMENTS = [
    "README.md",
    "README.zh.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *(f"docs/{path.relative_to(DOCS).as_posix()}" for path in sorted(DOCS.rglob("*.md"))),
]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_examples_of_the_readme_run(root: Path, name: str) -> None:
    failed, tried = doctest.testfile(str(root / name), module_relative=False, encoding="utf-8")
    assert (failed, tried > 5) == (0, True)


def test_the_example_of_the_page_on_reports_runs(root: Path) -> None:
    assert doctest.testfile(str(root / "docs" / "pages.md"), module_relative=False, encoding="utf-8") == (0, 2)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_that_is_named_exists(root: Path, name: str) -> None:
    if not (root / name).is_file():
        pytest.skip("not beside these tests")
    text = (root / name).read_text(encoding="utf-8")
    pasted = "".join(re.findall(r"(?ms)^```(?:console|sh|powershell)\n(.*?)^```", text))
    named = re.findall(r"(?:\$ |`|\.venv/bin/)tagger ([a-z]+)\b([^\n`]*)", text)
    for command, rest in named + re.findall(r"(?m)^tagger ([a-z]+)\b(.*)$", pasted):
        assert command in main.list_commands(Context(main))
        help_text = invoke(main, [command, "--help"]).output
        assert f"Usage: main {command}" in help_text
        for option in re.findall(r"(?<!\S)(--?[a-z-]+)", rest):
            assert option in help_text


@pytest.mark.parametrize(
    "name",
    ["README.md", "README.zh.md", *(name for name in DOCUMENTS if "zh/" in name), "docs/batch.md", "docs/formats.md"],
)
def test_every_option_that_is_told_exists(root: Path, name: str) -> None:
    helps = [invoke(main, [command, "--help"]).output for command in main.list_commands(Context(main))]
    known = set(re.findall(r"--[a-z-]+", "".join(helps) + invoke(tag_on_spark, ["--help"]).output))
    told = set(re.findall(r"(?<=`)--[a-z-]+", (root / name).read_text(encoding="utf-8")))
    assert told - known == set()


@pytest.mark.parametrize("index", ["docs/README.md", "docs/zh/README.md"])
def test_every_page_begins_with_the_question_under_which_it_is_listed(root: Path, index: str) -> None:
    folder = (root / index).parent
    rows = re.findall(
        r"(?m)^\| (.+[?\uff1f]) \| \[[^\]]+\]\(([a-z-]+\.md)\) \|$", (root / index).read_text(encoding="utf-8")
    )
    assert {name for _, name in rows} == {path.name for path in folder.glob("*.md")} - {"README.md"}
    for question, name in rows:
        assert (folder / name).read_text(encoding="utf-8").startswith(f"# {question}\n")


@pytest.mark.parametrize("name", ["README.zh.md", *(name for name in DOCUMENTS if "zh/" in name)])
def test_chinese_has_chinese_signs(root: Path, name: str) -> None:
    text = re.sub(r"(?ms)^```.*?^```|`[^`]*`|\]\([^)]*\)", "", (root / name).read_text(encoding="utf-8"))
    assert re.findall(r".*[\u4e00-\u9fff][,:;?!(].*", text) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(root: Path, name: str) -> None:
    if not (root / "CONTRIBUTING.md").is_file():
        pytest.skip("not beside all that is linked to")
    text = (root / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
        assert ((root / name).parent / target).exists(), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_name_of_the_library_that_is_told_exists(root: Path, name: str) -> None:
    if not (root / name).is_file():
        pytest.skip("not beside these tests")
    text = (root / name).read_text(encoding="utf-8")
    for names in re.findall(r"\btagger((?:\.[A-Za-z_]+)+)\(", text):
        found: Any = tagger
        for part in names[1:].split("."):
            found = getattr(found, part, None) or import_module(f"{found.__name__}.{part}")
        assert callable(found)


@pytest.mark.full
def test_the_page_of_an_article_is_what_a_terminal_shows(root: Path, tmp_path: Path) -> None:
    article = "民警在银行柜台劝住了正要给“客服”转账的老人。\n昨天下了一场雨。\n交警查处酒驾三起。\n"
    (tmp_path / "article.txt").write_text(article, encoding="utf-8")
    for name, language in (("README.md", "en"), ("README.zh.md", "zh")):
        shown = run_on_a_terminal("tag", tmp_path / "article.txt", "--lang", language).text.splitlines()
        page = "\n".join(line.rstrip() for line in shown[1:]).strip()
        text = (root / name).read_text(encoding="utf-8")
        assert page in text
        assert article.strip().replace("\n", "\\n") in text


def test_both_readmes_set_up_with_the_same_lines(root: Path) -> None:
    english, chinese = (
        re.findall(r"```sh\n(.*?)```", (root / name).read_text(encoding="utf-8"), re.DOTALL)
        for name in ("README.md", "README.zh.md")
    )
    assert english == chinese
    assert len(english) == 2


def test_the_agreement_in_the_documents_is_what_the_script_prints(root: Path) -> None:
    printed = subprocess.run(
        [sys.executable, root / "scripts" / "agreement.py"], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() in (root / "docs" / "labels.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(["train_shipped_model.py", "--show"], marks=pytest.mark.full),
        ["ten_texts.py"],
        pytest.param(["real_articles.py", "--show"], marks=pytest.mark.full),
    ],
)
def test_what_is_told_of_the_shipped_model_is_what_the_scripts_print(root: Path, script: list[str]) -> None:
    command = [sys.executable, str(root / "scripts" / script[0]), *script[1:]]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert printed.strip() in (root / "docs" / "model.md").read_text(encoding="utf-8")


def test_readme_leads_with_the_figures_on_real_articles(root: Path) -> None:
    command = [sys.executable, str(root / "scripts" / "real_articles.py"), "--summary"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert printed.strip() in (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("script", "option", "document"),
    [
        ("run_accuracy.py", "--show", "benchmarks/README.md"),
        ("run_accuracy.py", "--summary", "README.md"),
        ("run_accuracy.py", "--summary", "docs/accuracy.md"),
        pytest.param("ablation.py", "--show", "docs/accuracy.md", marks=pytest.mark.full),
    ],
)
def test_the_accuracy_in_the_documents_is_what_was_measured(
    root: Path, script: str, option: str, document: str
) -> None:
    command = [sys.executable, str(root / "benchmarks" / script), option]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert printed.strip() in (root / document).read_text(encoding="utf-8")


def test_what_spark_costs_in_the_documents_is_what_was_measured(root: Path) -> None:
    command = [sys.executable, str(root / "benchmarks" / "spark.py"), "--show"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert printed.strip() in (root / "docs" / "scale.md").read_text(encoding="utf-8")


def test_the_options_of_the_command_for_spark_exist(root: Path) -> None:
    help_text = invoke(tag_on_spark, ["--help"]).output
    english, chinese = ((root / "docs" / page).read_text(encoding="utf-8") for page in ("scale.md", "zh/cluster.md"))
    for rest in re.findall(r"python -m tagger\.spark\b([^\n`]*)", english):
        for option in re.findall(r"(?<!\S)(--?[a-z-]+)", rest):
            assert option in help_text
    blocks = re.findall(r"```console\n(?:python3? -m (?!pip)).*?```", chinese, re.DOTALL)
    assert len(blocks) == 2
    assert all(block in english for block in blocks)


def test_the_recipe_for_ray_tags_tables(root: Path, tmp_path: Path, shipped: tagger.Tagger) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'tagger-zh[spark]'")
    recipes = re.findall(r"```python\n(.*?)```", (root / "docs" / "scale.md").read_text(encoding="utf-8"), re.DOTALL)
    (recipe,) = [recipe for recipe in recipes if "import ray" in recipe]
    shipped.save(tmp_path / "model")
    code = (
        recipe.replace("import ray\n", "").partition("articles =")[0].replace("/models/mine", str(tmp_path / "model"))
    )
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - what the document says
    tagged = names["tag"](pa.table({"text": ["交警查处酒驾三起。", None]}))
    assert tagged.column("topics").to_pylist() == [["law_enforcement"], []]


def test_the_speed_in_the_documents_is_what_was_measured(root: Path) -> None:
    command = [sys.executable, str(root / "benchmarks" / "run_speed.py"), "--show"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert printed.strip() in (root / "benchmarks" / "README.md").read_text(encoding="utf-8")


def test_the_chart_of_speed_is_drawn_from_what_was_measured(root: Path, tmp_path: Path) -> None:
    results = root / "benchmarks" / "results"
    measured = tmp_path / "speed.json"
    measured.write_bytes((results / "speed.json").read_bytes())
    command = [sys.executable, str(root / "benchmarks" / "run_speed.py"), "--draw", "-o", str(measured)]
    subprocess.run(command, check=True)
    assert (tmp_path / "speed.svg").read_bytes() == (results / "speed.svg").read_bytes()


def test_the_model_card_is_what_the_model_says(shipped: tagger.Tagger) -> None:
    from tagger.model import shipped_model  # noqa: PLC0415

    assert (shipped_model() / "README.md").read_text(encoding="utf-8") == render_card(shipped.model)

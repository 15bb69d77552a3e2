"""The language of the command line: who decides it, help and click's errors in it, and that it does not leak."""

import gettext
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import click
import pytest
from catalogues import write_catalogue
from command_line import invoke
from rich.cells import cell_len

from tagger import messages
from tagger.cli import language as language_module
from tagger.cli import main
from tagger.cli.formatter import ChineseHelp
from tagger.cli.language import page_language
from tagger.cli.sections import Command, Group
from tagger.cli.wrapping import wrap
from tagger.spark.__main__ import main as spark

# Made up here, so that tests do not depend on how they are worded in the catalogue.
CHINESE = {
    "Usage:": "用法：",
    "Options": "选项",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "default: {default}": "默认：{default}",
    "Error: {message}": "错误：{message}",
    "Missing argument": "缺少参数",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值不对：{message}",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是{number_type}。",
    "{value!r} is not {choice}.\0{value!r} is not one of {choices}.": "{value!r} 不行，可以写：{choices}",
    "No such option {name!r}.": "没有 {name!r}。",
    "No such option: {name}": "没有 '{name}'。",
    "Did you mean {possibility}?\0(Did you mean one of: {possibilities}?)": "是不是 {possibilities}？",
    "whole number": "整数",
    "number": "数字",
    "value": "值",
    "{program}, version {version}": "{program} 的版本：{version}",
    "no such command {name!r}: did you mean {near}?": "没有 {name!r}：是不是 {near}？",
    "Show this message and exit.": "显示说明。",
    "Every day": "日常",
}
Translate = Callable[[dict[str, str]], None]


@pytest.fixture
def translate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Translate]:
    """Takes translations that are the whole catalogue from then on."""

    def translate(texts: dict[str, str]) -> None:
        write_catalogue(tmp_path / "catalogue", texts)
        messages._catalogue.cache_clear()
        for module in (messages, language_module):
            monkeypatch.setattr(module, "CATALOGUES", tmp_path / "catalogue")

    yield translate
    messages._catalogue.cache_clear()


@pytest.fixture
def chinese(translate: Translate) -> None:
    translate(CHINESE)


def commands() -> list[tuple[list[str], click.Command]]:
    context = click.Context(main)
    named = [(name, main.get_command(context, name)) for name in main.list_commands(context)]
    return [([], main), *(([name], command) for name, command in named if command is not None)]


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["tag", "--help"], {}, "en"),
        (["--lang", "zh", "tag", "--help"], {}, "zh"),
        (["tag", "--help", "--lang=zh"], {}, "zh"),
        (["tag", "--help", "--lang", "zh"], {"TAGGER_LANG": "en"}, "zh"),
        (["tag", "--help"], {"TAGGER_LANG": "zh"}, "zh"),
        (["tag", "--help"], {"TAGGER_LANG": "", "LANGUAGE": "zh_CN:en"}, "zh"),
        (["tag", "--help"], {"TAGGER_LANG": "en", "LANGUAGE": "zh_CN"}, "en"),
        (["tag", "--lang", "en", "--help"], {"TAGGER_LANG": "zh", "LANGUAGE": "zh_CN"}, "en"),
        (["--lang", "en", "tag", "--lang", "zh", "--help"], {}, "zh"),
        (["tag", "--help", "--", "--lang", "zh"], {}, "en"),
    ],
)
def test_the_option_decides_then_the_variable_then_the_locale(
    arguments: list[str], variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    begin = {"en": "Usage: main tag [OPTIONS]", "zh": "用法：main tag [选项]"}[said]
    assert invoke(main, arguments).stdout.startswith(begin)


@pytest.mark.usefixtures("chinese")
def test_the_arguments_of_the_process_decide_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tagger", "--lang", "zh", "--version"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out.startswith("tagger 的版本：")


@pytest.mark.usefixtures("chinese")
def test_spark_has_the_option_as_well() -> None:
    assert invoke(spark, ["--help", "--lang", "zh"]).stdout.startswith("用法：main [选项] IN OUT\n")


@pytest.mark.parametrize(
    ("arguments", "variable", "named"),
    [(["--lang", "fr"], "zh", "--lang"), (["show"], "fr", "TAGGER_LANG"), (["tag", "--lang=fr"], "zh", "--lang")],
)
@pytest.mark.usefixtures("chinese")
def test_a_language_that_there_is_not_is_told_with_what_asked_for_it(
    arguments: list[str], variable: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGGER_LANG", variable)
    result = invoke(main, arguments)
    said = {
        "zh": f"错误：'{named}' 的值不对：'fr' 不行，可以写：'zh', 'en'",
        "fr": f"Error: Invalid value for '{named}': 'fr' is not one of 'zh', 'en'.",
    }[variable]
    assert (result.exit_code, said in result.stderr) == (2, True)


def test_an_error_of_the_option_without_a_context_names_it() -> None:
    assert language_module.language_option().get_error_hint(None) == "'--lang'"


@pytest.mark.usefixtures("chinese")
def test_errors_of_usage_are_in_the_language() -> None:
    result = invoke(main, ["check", "--lang", "zh"])
    assert (result.exit_code, "用法：main check [选项] LABELS\n" in result.stderr) == (2, True)
    assert "错误：缺少参数 'LABELS'。\n" in result.stderr
    assert "Error: Missing argument 'LABELS'.\n" in invoke(main, ["check"]).stderr
    told = invoke(main, ["tag", "--lang", "zh", "--topp", "3"]).stderr
    # Only newer versions of click put it in quotes.
    assert "错误：没有 '--topp'。是不是 --top？\n" in told.replace("'--top'", "--top")
    assert "'--top' 的值不对：'x' 不是整数。" in invoke(main, ["tag", "--lang", "zh", "--top", "x"]).stderr
    assert "错误：没有 'tga'：是不是 tag？" in invoke(main, ["--lang", "zh", "tga"]).stderr


@pytest.mark.usefixtures("chinese")
def test_the_language_does_not_leak_into_the_next_call() -> None:
    english, environment = invoke(main, ["tag", "--help"]).stdout, dict(os.environ)
    domain = gettext.textdomain()
    assert "整数" in invoke(main, ["tag", "--help", "--lang", "zh"]).stdout
    assert (messages.current(), dict(os.environ), gettext.textdomain()) == ("en", environment, domain)
    assert [click.INT.name, click.IntRange.name, click.STRING.name] == ["integer", "integer range", "text"]
    assert invoke(main, ["tag", "--help"]).stdout == english


@pytest.mark.usefixtures("chinese")
def test_a_language_that_is_used_already_is_that_of_a_call_which_asks_for_none() -> None:
    with messages.used("zh"):
        assert invoke(main, ["--help"]).stdout.startswith("用法：main [选项] 命令 [参数]...\n")


def test_every_text_of_help_is_shown_translated(translate: Translate) -> None:
    texts: dict[str, str] = {}
    for _names, command in [*commands(), ([], spark)]:
        found = [command.help, command.epilog, *(getattr(each, "help", None) for each in command.params)]
        for text in filter(None, found):
            texts[inspect.cleandoc(text)] = f"译{len(texts):03}。"
    translate(texts)
    for names, command in commands():
        shown = invoke(main, [*names, "--help", "--lang", "zh"]).stdout
        found = [
            command.help,
            command.epilog,
            *(each.help for each in command.params if isinstance(each, click.Option)),
        ]
        assert {texts[inspect.cleandoc(text)] for text in found if text} <= set(re.findall("译...。", shown)), names
    listed = invoke(main, ["--help", "--lang", "zh"]).stdout
    for names, command in commands()[1:]:
        assert re.search(rf"^  {names[0]} +{texts[inspect.cleandoc(command.help or '')]}$", listed, re.MULTILINE)


@pytest.mark.usefixtures("chinese")
def test_titles_of_sections_are_translated_and_what_is_not_stays_english() -> None:
    shown = invoke(main, ["--help", "--lang", "zh"]).stdout
    assert "\n日常：\n  tag " in shown
    assert "\n选项：\n" in shown
    assert "  -h, --help      显示说明。\n" in shown
    assert "Train a tagger from LABELS and save it as a model folder." in shown


def test_a_command_is_listed_by_its_first_sentence(translate: Translate) -> None:
    command = Command("x", help="Do it. Then rest.\n\nMore.")
    translate({"Do it. Then rest.\n\nMore.": "做。再歇一歇。\n\n还有。"})
    assert command.get_short_help_str() == "Do it."
    with messages.used("zh"):
        assert command.get_short_help_str() == "做。"
        assert Command("y").get_short_help_str() == ""


def test_a_command_may_have_no_help_at_all() -> None:
    command = Command("x", add_help_option=False)
    assert command.get_help_option(click.Context(command)) is None


@pytest.fixture
def group() -> click.Group:
    """A group with one command that writes a page, and prints the language of it and what child processes get."""

    class Pages(Group):
        groups = MappingProxyType({"Every day": ("page",)})

    @click.command(cls=Command)
    @page_language("page")
    def page(language: str) -> None:
        click.echo(f"{language} {messages.current()} {os.environ.get('TAGGER_LANG')}")

    return Pages("pages", commands={"page": page})


@pytest.mark.parametrize(
    ("arguments", "variable", "printed"),
    [
        (["page"], None, "zh en None"),
        (["page"], "en", "en en en"),
        (["page"], "zh", "zh zh zh"),
        (["page", "--lang", "en"], "zh", "en en en"),
        (["--lang", "en", "page"], None, "en en en"),
        (["--lang", "en", "page", "--lang", "zh"], None, "zh zh zh"),
    ],
)
def test_a_page_is_in_the_language_asked_for_else_in_chinese(
    arguments: list[str], variable: str | None, printed: str, group: click.Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv("TAGGER_LANG", variable)
    result = invoke(group, arguments)
    assert (result.stdout, result.exit_code) == (f"{printed}\n", 0)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("给段落打标签", 6, ["给段落", "打标签"]),
        # Seven cells hold three characters.
        ("给段落打标签", 7, ["给段落", "打标签"]),
        ("给段落，打标签", 6, ["给段", "落，打", "标签"]),
        ("说“好”就好", 4, ["说", "“好”", "就好"]),
        ("（一）二", 4, ["（一）", "二"]),
        ("写进 out.jsonl 里", 10, ["写进", "out.jsonl", "里"]),
        ("用--text-field指明", 12, ["用", "--text-field", "指明"]),
        ("默认值  [默认：一二]", 14, ["默认值", "[默认：一二]"]),
        (" a b ", 10, ["a b"]),
        ("", 10, []),
    ],
)
def test_chinese_is_broken_between_characters_but_not_at_marks(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("width", [58, 78, 98])
def test_columns_are_as_wide_as_they_look(width: int) -> None:
    formatter = ChineseHelp(width=width)
    long = "给文章打标签：文本文件、JSON 行、表格（CSV、Excel、Parquet）、文件夹、通配符。" * 2
    with messages.used("zh"), formatter.section("选项"):
        formatter.write_dl(
            [("--jobs 整数", long), ("--lang [zh|en]", "短"), ("-q", ""), (f"--wide {'x' * 30}", "在下")]
        )
        formatter.write_text("一。\n\n" + long)
    shown = formatter.getvalue().splitlines()
    assert shown[0] == "选项："
    assert max(map(cell_len, shown)) <= width
    first, second = shown[1].index("给"), next(line for line in shown if "[zh|en]" in line).index("短")
    # The name of the first option has two characters that are two cells wide.
    assert (cell_len(shown[1][:first]), second) == (34, 34)
    assert shown[shown.index("  -q") + 1].startswith("  --wide")
    assert shown[shown.index(f"  --wide {'x' * 30}") + 1] == f"{' ' * 34}在下"
    assert shown[shown.index("  一。") + 1] == ""


@pytest.mark.usefixtures("chinese")
def test_usage_that_does_not_fit_goes_below() -> None:
    formatter = ChineseHelp(width=40)
    with messages.used("zh"):
        formatter.write_usage("tagger", "[选项] LABELS " + "FILE " * 6)
        formatter.write_usage("a-name-that-is-long-enough", "[选项]", prefix="用：")
        formatter.write_usage("tagger")
    assert formatter.getvalue() == (
        "用法：tagger [选项] LABELS FILE FILE\n"
        "             FILE FILE FILE FILE\n"
        "用：a-name-that-is-long-enough\n"
        "    [选项]\n"
        "用法：tagger\n"
    )


def test_placeholders_are_chinese_words_in_chinese_help() -> None:
    left = set()
    for names, command in [*commands(), ([], spark)]:
        shown = invoke(main if names else command, [*names, "--help", "--lang", "zh"]).stdout
        begins = [line.split("  ")[1] for line in shown.splitlines() if line.startswith("  -")]
        usage = shown.partition("\n\n")[0].removeprefix("用法：")
        left |= {word for text in (*begins, usage) for word in re.findall(r"\b[A-Z]+\b", text, re.ASCII)}
    assert left == {"DDL"}
    assert "[文件]..." in invoke(main, ["tag", "--help", "--lang", "zh"]).stdout
    assert "[FILE]..." in invoke(main, ["tag", "--help"]).stdout


def test_a_missing_argument_is_named_as_the_help_names_it() -> None:
    assert "错误：缺少参数 '标注文件'。" in invoke(main, ["check", "--lang", "zh"]).stderr

"""The pages of the server as people have them: in Chromium, by keys alone, and against bad will."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import Browser

import tagger
from tagger.dataset import LabelOptions, read_dataset
from tagger.dataset.editing import open_labels

pytest.importorskip("starlette", reason="Starlette is not installed: pip install 'tagger-zh[serve]'")
pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install 'tagger-zh[serve]'")
pytestmark = pytest.mark.full

ENTER, BACKSPACE = "\ue007", "\ue003"
HOSTILE = "<script>document.title='x'</script> \u202e민" + "\u0301" * 10_000
CHOSEN = "return [...document.querySelectorAll('#choices [aria-pressed=true]')].map((choice) => choice.title)"
TYPE = """
const field = document.getElementById(arguments[0]);
field.value = arguments[1];
field.dispatchEvent(new Event("input", { bubbles: true }));
"""
PRESS = """
const [code, extra] = arguments;
document.dispatchEvent(new KeyboardEvent("keydown", { code, key: code, bubbles: true, cancelable: true, ...extra }));
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a command that serves, in a folder of its own, and return its address."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(Path(tagger.__file__).parents[1])}
        command = [sys.executable, "-P", "-m", "tagger", *arguments]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield begin
    for process in running:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def wait_until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not found():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def what_is_opened_again_stands_as_it_was_decided(browser: Browser) -> None:
    """Decide about a text that the model takes for the first topic, and look at it again, whatever it guesses."""
    browser.press("1", "2", "f", ENTER)
    wait_until(lambda: browser.texts("#last .what")[0] == "⚑ <b>体育</b>")
    browser.run("document.querySelector('#last button').click()")
    wait_until(lambda: browser.run(CHOSEN) == ["b"])
    assert browser.texts("#actions [aria-pressed=true]") == ["F做记号"]
    browser.press("f", "n")
    wait_until(lambda: browser.texts("#last .what")[0] == "都不是")
    browser.press(BACKSPACE)
    wait_until(lambda: browser.text("#state") == "")
    assert browser.run(CHOSEN) == []
    assert browser.texts("#choices .share")
    browser.press("1", ENTER)
    wait_until(lambda: browser.texts("#last .what")[0] == "美食")


def reopened(browser: Browser, text: str) -> tuple[list[str], str]:
    """Open a decision of the last ones again, and return what is chosen, and what Enter would do."""
    find = "[...document.querySelectorAll('#last button')].find((last) => last.textContent === arguments[0]).click()"
    browser.run(find, text)
    wait_until(lambda: browser.text("#text") == text)
    return browser.run(CHOSEN), browser.texts("#actions button")[0]


def test_an_article_is_tagged_as_it_is_typed(browser: Browser, start: Callable[..., str]) -> None:
    address = start("serve", "--port", "0")
    browser.open(address)
    wait_until(lambda: browser.text("#state") == "还没有文字")
    text = f"民警在银行柜台劝住了正要给“客服”转账的老人。\n{HOSTILE}\n昨天下了一场雨。"
    browser.run(TYPE, "text", text)
    wait_until(lambda: browser.texts("#paragraphs li .tag") == ["反诈"])
    assert "转账" in browser.texts("#paragraphs mark")
    assert browser.texts("#topics .has .name") == ["反诈"]
    assert browser.run("return document.title") == "贴一篇文章试试"
    # What looks like tags is read as a browser would show it, and nothing of it gets into the page.
    assert browser.run("return document.querySelectorAll('#paragraphs script, #paragraphs img').length") == 0
    assert "\u202e민" in browser.text("#paragraphs")
    assert browser.run("return document.querySelector('#paragraphs mark').title").startswith("支持“反诈” +")
    assert browser.run("return document.getElementById('download').download") == "tagged.json"
    browser.run(TYPE, "text", "")
    wait_until(lambda: browser.texts("#paragraphs li") == [])
    assert browser.console() == []
    assert all(url.startswith((address, "blob:")) for url in browser.requests())


def test_thirty_texts_are_labelled_by_keys_alone(browser: Browser, start: Callable[..., str], tmp_path: Path) -> None:
    pool = [{"text": f"{'火锅开张' if n % 3 else '球队夺冠'}第{n}家"} for n in range(40)] + [{"text": HOSTILE}]
    (tmp_path / "pool.jsonl").write_text("\n".join(map(json.dumps, pool)), encoding="utf-8")
    titles = ["美食", "<b>体育</b>"]
    toml = "".join(f'["{name}"]\ntitle = "{title}"\n' for name, title in zip("ab", titles, strict=True))
    (tmp_path / "topics.toml").write_text(toml, encoding="utf-8")
    address = start("label", "pool.jsonl", "labels.csv", "--mode", "any", "--lang", "zh")
    browser.open(address)
    wait_until(lambda: bool(browser.text("#text")))
    labelled: dict[str, tuple[str, ...]] = {}
    for number in range(30):
        text = browser.text("#text")
        wanted = ("a",) if "火锅" in text else ("b",) if number % 2 else ()
        chosen = browser.run(
            "return [...document.querySelectorAll('#choices [aria-pressed=true]')].map((e) => e.title)"
        )
        if wanted:
            keys = [key for key, name in (("1", "a"), ("2", "b")) if (name in wanted) != (name in chosen)]
            browser.press(*keys, ENTER)
        else:
            browser.press("n")
        wait_until(lambda text=text: browser.text("#text") != text)  # type: ignore[misc]  # the text of this turn
        labelled[text] = wanted
    assert browser.text("#state") == "已保存 ✓"
    assert browser.text("#progress").startswith("已标 30 · 今日 30 · 拿不准 0")
    assert "<b>体育</b>" in browser.text("#choices")
    # Nothing happens while an input method composes, when a key repeats, or with Ctrl.
    text = browser.text("#text")
    for extra in ({"isComposing": True}, {"keyCode": 229}, {"repeat": True}, {"ctrlKey": True}):
        browser.run(PRESS, "Enter", extra)
    assert browser.text("#text") == text
    browser.press("s")
    wait_until(lambda: browser.text("#text") != text)
    browser.press(BACKSPACE)
    wait_until(lambda: browser.text("#text") == text)
    browser.press("f", "1")
    assert browser.texts("#actions [aria-pressed=true]") == ["F做记号"]
    # What decided for a guess is underlined, once it was learnt.
    open_again = "[...document.querySelectorAll('#last button')].find((b) => b.textContent.includes('火锅')).click()"

    def is_marked() -> bool:
        browser.run(open_again)
        time.sleep(0.3)
        return "火锅" in "".join(browser.texts("#text mark"))

    wait_until(is_marked)
    assert browser.run("return document.querySelector('#text mark').title").startswith("支持“美食” +")
    what_is_opened_again_stands_as_it_was_decided(browser)
    assert browser.console() == []
    assert {url.split("?")[0].rsplit("/", 1)[0] for url in browser.requests()} <= {
        address.split("/?")[0],
        f"{address.split('/?')[0]}/static",
    }
    wait_until(
        lambda: (tmp_path / "labels.csv").is_file() and len(read_dataset(tmp_path / "labels.csv").examples) >= 30
    )
    written = {e.text: e.topics for e in read_dataset(tmp_path / "labels.csv").examples}
    assert written == labelled


def test_doubtful_labels_are_looked_at_by_keys_alone(
    browser: Browser, start: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "topics.toml").write_text('[a]\ntitle = "美食"\n[b]\ntitle = "<b>体育</b>"\n', encoding="utf-8")
    rows = [
        ("火锅开张", "b"),
        ("球队夺冠", "b"),
        ("今天下雨", ""),
        ("面馆排队", "b"),
        (f"a<b \u202e{HOSTILE[-9999:]}", "a"),
    ]
    own = "text,topics,document\n" + "".join(f"{text},{topics},d\n" for text, topics in rows)
    (tmp_path / "labels.csv").write_text(own, encoding="utf-8")
    header = "行,问题,把握,现标,建议,决定,依据,文本,键\n"
    texts = [example.text for example in open_labels(tmp_path / "labels.csv").examples]
    asked = [
        f"{line},错标?,0.93,x,{suggestion},,火锅 +1.2 <i>队</i> -0.3 a<b -0.2,{text},"
        for line, text, suggestion in zip(range(2, 7), texts, ["美食", "无", "美食", "a", "b"], strict=True)
    ]
    (tmp_path / "f.csv").write_text(header + "\n".join(asked), encoding="utf-8")
    address = start("label", "--review", "f.csv", "labels.csv", "--lang", "zh")
    browser.open(address)
    wait_until(lambda: browser.text("#text") == "火锅开张")
    assert browser.text("#after") == "球队夺冠"
    assert browser.texts("#doubt dd") == [
        "<b>体育</b>",
        "美食",
        "错标?（标错的把握 93%）",
        "火锅 +1.2 <i>队</i> -0.3 a<b -0.2（+ 支持建议，实线；- 反对，虚线）",
    ]
    assert browser.texts("#text mark") == browser.texts("#doubt mark") == ["火锅"]
    assert browser.run("return document.querySelector('#text mark').title") == "支持建议 +1.2"
    assert browser.run(CHOSEN) == ["a"]
    assert browser.texts("#actions button")[:2] == ["⏎按建议改", "K原来的没错"]
    browser.press(ENTER)
    wait_until(lambda: browser.text("#text") == "球队夺冠")
    assert browser.text("#state") == "已保存 ✓"
    browser.press("k")
    wait_until(lambda: browser.text("#text") == "今天下雨")
    browser.press("2")
    assert browser.texts("#actions button")[0] == "⏎改成所选"
    browser.press(ENTER)
    wait_until(lambda: browser.text("#text") == "面馆排队")
    browser.press("s")
    wait_until(lambda: browser.text("#text") == texts[-1])
    assert browser.text("#progress") == "已看 4 · 改了 2 · 没错 1 · 拿不准 1 · 剩余 1"
    browser.press(BACKSPACE)
    wait_until(lambda: browser.text("#text") == "面馆排队")
    assert reopened(browser, "球队夺冠") == (["b"], "⏎原来的没错")
    assert reopened(browser, "今天下雨") == (["a", "b"], "⏎改成所选")
    browser.press(ENTER)
    wait_until(lambda: browser.text("#text") == "面馆排队")
    browser.press("1", "2", ENTER)  # the suggestion away, and what it is in its place
    wait_until(lambda: browser.text("#text") == texts[-1])
    assert browser.texts("#text mark.against") == browser.texts("#doubt mark.against") == ["a<b"]
    assert browser.run("return document.querySelector('#text mark').title") == "反对建议 -0.2"
    assert browser.run("return document.querySelectorAll('#task i, #task b, #task script').length") == 0
    browser.press("n")
    wait_until(lambda: browser.text("#text") == "全部看完了")
    assert browser.console() == []
    expected = {"火锅开张": ("a",), "球队夺冠": ("b",), "今天下雨": ("a", "b"), "面馆排队": ("b",), texts[-1]: ()}
    options = LabelOptions(without_topic="keep")
    wait_until(
        lambda: {e.text: e.topics for e in read_dataset(tmp_path / "labels.csv", options=options).examples} == expected
    )
    assert (tmp_path / "labels.csv.bak").read_text(encoding="utf-8") == own

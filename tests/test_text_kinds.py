"""Texts as scanners, subtitles, menus and official accounts leave them: their paragraphs, and places in the source."""

import pytest

from tagger.records import Paragraph
from tagger.text import split_paragraphs

SENTENCE = "8月3日，民警在银行柜台劝住了正要汇款的老人。"


def read_again(paragraph: Paragraph, source: str) -> str:
    return "".join(source[start:end] for start, end in paragraph.pieces)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        (" ".join(SENTENCE), [SENTENCE]),
        ("  ".join(SENTENCE) + "\n" + " ".join(SENTENCE), [SENTENCE, SENTENCE]),
        (f"<p>{' '.join(SENTENCE)}</p>", [SENTENCE]),
        (f"<p>{'&nbsp; '.join(SENTENCE)}</p>", [SENTENCE]),
        ("民 警 用 APP Store 劝 住 了 正 要 汇 款 的 人 。", ["民警用APP Store劝住了正要汇款的人。"]),
        ("用 手 机 扫 码 就 能 办 APP\nStore 里 也 可 以 下 载 ， 不 用 跑 腿 。", None),
    ],
)
def test_characters_that_stand_apart_are_closed_up(text: str, closed: list[str] | None) -> None:
    paragraphs = split_paragraphs(text)
    if closed is not None:
        assert [paragraph.text for paragraph in paragraphs] == closed
    for paragraph in paragraphs:
        assert read_again(paragraph, text).replace(" ", "") == paragraph.text.replace(" ", "")


def test_lines_that_were_rejoined_are_closed_up_too() -> None:
    lines = ["用 手 机 ， 扫 码 下 载 APP", "Store 里 的 程 序 ， 就 可 以 办 理 。"]
    (paragraph,) = split_paragraphs("<p>" + "\n".join(lines) + "</p>")
    assert paragraph.text == "用手机，扫码下载APP Store里的程序，就可以办理。"


@pytest.mark.parametrize(
    "text",
    [
        "张三 李四 王五 赵六 钱七 孙八 周九 吴十 郑一 冯二",
        "甲 乙 丙 丁",
        "a b c d e f g h i j k l",
        "大 中 小 民警 在 银行 柜台 劝住 了 老人 汇款 吗",
    ],
)
def test_words_that_stand_apart_stay_so(text: str) -> None:
    assert [paragraph.text for paragraph in split_paragraphs(text)] == [text]


def test_subtitles_do_not_run_into_their_times() -> None:
    cues = ["民警说“不要汇款", "”。老人听了劝"]
    text = "\n\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},500\n{cue}" for n, cue in enumerate(cues, start=1))
    paragraphs = split_paragraphs(text)
    assert [paragraph.text for paragraph in paragraphs if not paragraph.furniture] == cues


def test_a_menu_is_furniture() -> None:
    menu = "首页\n要闻\n政务公开\n办事服务\n互动交流\n"
    found = {paragraph.text: paragraph.furniture for paragraph in split_paragraphs(f"{menu}{SENTENCE}\n办事服务\n")}
    assert found == dict.fromkeys(menu.split(), True) | {SENTENCE: False, "办事服务": False}
    # Some headings below one another are no menu.
    for text in ("反诈\n治安\n交通\n服务\n翻页\n", "首页\n办事服务\n第1条\n第2条\n"):
        assert not split_paragraphs(text)[1].furniture


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ('<p>民警</p><mp-common-profile data-nickname="平安"></mp-common-profile>', ["民警"]),
        ('<p>民警<mpvoice name="录音"></mpvoice>劝阻</p>', ["民警劝阻"]),
        ("<p>民警<my-tag>劝阻</my-tag></p>", ["民警劝阻"]),
        ("<p>a<b-c >d 民警<x-y></p>", ["a<b-c >d 民警<x-y>"]),
    ],
)
def test_tags_of_a_page_of_its_own_are_not_seen(markup: str, seen: list[str]) -> None:
    assert [paragraph.text for paragraph in split_paragraphs(markup)] == seen


POSTS = [
    "她在酒店房间里开了四十分钟屏幕共享，账上只剩七块二，到今天也不敢告诉家里",
    "身份证到期别慌，派出所门口那台灰色机器夜里也能换",
    "隔壁王姨帮我垫了快递费，十五块，微信还的",
    "您家宽带要升级，请提供机顶盒验证码，提供了，也就什么都没了，一分不剩",
    "真的假的？我去年也遇到过，没理他",
    "卖给外国客户的货款被改了收款账号，一封看起来像供应商的邮件，亏了十一万美元",
    "异地就医报销流程有变，先在手机上备案再去医院，不用回来盖章了",
    "非法采砂船夜里关灯作业，水上分局从芦苇里冲出来，船老大当场傻了眼，锚都没来得及起",
    "晚点名时，教导员念了一封家书",
]


@pytest.mark.parametrize("parted", ["\n", "\n\n", "\r\n \r\n"])
def test_posts_without_full_stops_stay_apart(parted: str) -> None:
    assert [paragraph.text for paragraph in split_paragraphs(parted.join(POSTS))] == POSTS


@pytest.mark.parametrize("parted", ["\n", "\n\n"])
def test_a_post_that_ends_in_a_comma_goes_on(parted: str) -> None:
    lines = [*POSTS, "他说这事不急，", "明天再看，反正也来得及"]
    assert [paragraph.text for paragraph in split_paragraphs(parted.join(lines))] == [*POSTS, "".join(lines[-2:])]


def test_a_long_sentence_in_many_lines_is_no_list_of_posts() -> None:
    lines = [
        "会议强调，要把防范宣传做到每一个村、每一栋楼、每一间教室，让老人听得懂，让孩子记得",
        "住，让店主愿意贴，",
        "也要把查处的力度加大，对出租、出借银行卡的人，一个也不放",
        "过，对上门取现的人，追到底，对提供线路和机房的人，从重处理，同时要",
        "把退还的事做细，让受害的人早一天拿到钱，少跑一趟路。",
    ]
    for times in (1, 4):
        found = [paragraph.text for paragraph in split_paragraphs("\n".join(lines * times))]
        assert found == ["".join(lines)] * times


def test_sentences_that_a_page_broke_are_rejoined_however_many() -> None:
    pieces = [
        "近日，某地派出所民警在走访中得知，一位老人连续三天到银行取",
        "钱，随后上门劝说。老人说，电话那头的人自称是医保局的，让他把钱转到一个账",
        "户里，以便核查。民警当即联系银行，把账户里的钱拦了下来。据了",
        "解，这样的电话，当地今年已经接到了三十多起，都是同一伙人所为。民警说，老人起初不信，还",
        "把门关上了，后来看了同村人的转账记录，才把手机交了出来。目前，案",
        "件还在进一步侦办中，钱已退还。",
    ]
    for lines in (pieces, pieces[:-1] * 2 + pieces[-1:]):
        assert [paragraph.text for paragraph in split_paragraphs("\n".join(lines))] == ["".join(lines)]

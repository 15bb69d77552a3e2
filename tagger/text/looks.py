"""What a line is by its looks: closed or cut, prose, a heading, a bullet, the opening of a paragraph, one of a list."""

from __future__ import annotations

import re

__all__ = [
    "COMMAS",
    "NEVER_FIRST",
    "PAGE_NUMBER_FIRST",
    "are_alike",
    "holds_end",
    "is_byline",
    "is_closed",
    "is_cut_number",
    "is_heading",
    "is_page_number",
    "is_prose",
    "is_sentence",
    "is_turn",
    "may_run_on",
    "open_alike",
    "opens_anew",
    "opens_sentence",
    "runs_on",
]

COMMAS = "，,、"
# What a line cut in mid-sentence ends with, beside a letter, a digit or a Han character.
_OPEN = COMMAS + "（(“‘《「『【〈["
_UNFINISHED = _OPEN + "-·/&+%％"
# What no paragraph begins with: it closes, or goes on with, the one before.
NEVER_FIRST = frozenset(COMMAS + "。；：！？）】》」』〉”’％")
# A comma or full stop of running prose: ASCII ones only beside Han text, for 1,234 and www.site.com are not prose.
_STOP = r"。|(?<=[^\x00-\x7f])\.(?!\w)"
_PROSE = re.compile(rf"，|{_STOP}|(?<=[^\x00-\x7f]),|,(?=[^\x00-\x7f])")
_FULL_STOP = re.compile(_STOP)
_SENTENCE_END = re.compile(r"[。！？!?]")

_BULLET = re.compile(r"[■□▪▫◆◇●○◎•·∙※★☆►▶▷➤→√✓✔❶-❿]|[-*–—]\s")
# Emoji that open a line: pictures, signs such as ⚠ and ✅, digits in a box (1️⃣). Unlike ■, they also stand before a
# sentence that a page has cut.
_EMOJI = r"[\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]|[\d#*]\ufe0f?\u20e3"
_NUMERALS = "零〇一二三四五六七八九十百千"
# What opens a new paragraph, and so is never the rest of a broken one.
_OPENING = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[、）)]|[（(]?\d{1,2}(?:[、）)]|[．.](?!\d))|[①-⑳]"
    r"|[（(](?:记者|通讯员|完|来源|责任编辑)|(?:版权|Copyright|备案号|地址)"
    rf"|第[{_NUMERALS}\d]{{1,6}}[条章节款编][\s\u3000]|{_EMOJI}"
)
# What opens a paragraph where the one before is opened alike; elsewhere a sentence may break there.
_ALIKE = tuple(
    map(
        re.compile,
        (
            r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?|\d{4}年|\d{1,2}[日号]|\d{4}([-./])\d{1,2}\1\d{1,2}",
            r"\d{1,2}[:：]\d{2}",
            rf"第[{_NUMERALS}\d]{{1,6}}[^{_NUMERALS}\d]",
            r"\d{1,3}[\s\u3000]",
            rf"其?[{_NUMERALS}]{{1,2}}(?:是|要)",
            r"[A-Za-z][.．、:：]",
            r"[^，。,、；;！!？?\s:：]{1,10}\s?[:：]",
            r"【[^】]{1,12}】|\[[^\]]{1,12}\]|#|@|https?:",
        ),
    )
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_DATE_UNITS = frozenset("年月")
_DATE_REST = re.compile(r"\d{1,2}[月日]")
# Who speaks, or what a label such as 来源: is for; in hard-wrapped text any word may stand there.
_SPEAKER = re.compile(r"[^，。,、；;！!？?\s]{1,6}\s?[:：]")
_BYLINE = re.compile(
    r"(?:来源|责任编辑|责编|编辑|作者|通讯员|字体|标签)\s*[:：]"
    r"|(?:.{0,12}(?:记者|通讯员)\s+\S{2,4}(?:\s+\S+){0,6})$|.{0,40}\s摄$"
    r"|(?:Copyright|版权|备案号)"
    r"|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s+\d{1,2}:\d{2}"
)
_PAGE_NUMBER = re.compile(
    r"[-—–－·~*]{1,3}\s?\d{1,4}\s?[-—–－·~*]{1,3}|\d{1,4}\s?/\s?\d{1,4}"
    r"|第\s?\d{1,4}\s?页(?:[\s,，/]{0,2}共\s?\d{1,4}\s?页)?|[Pp](?:age)?[.\s]{0,2}\d{1,4}"
)
_PAGE_NUMBER_LENGTH = 16
PAGE_NUMBER_FIRST = frozenset("-—–－·~*0123456789第Pp")

# A heading may hold a comma too (警银联动,守护钱袋子), but it is short, and what follows is a paragraph of another
# size; a page that cuts sentences so short cuts the rest short as well. Where what follows is short too, a heading is
# told by its parts, which are much alike: of two, neither has fewer than four characters nor six more than the other;
# of three and more, all have the same or one more. A broken sentence is cut at an odd place, and the seeds' first
# pieces have 34 characters and more.
_HEADING_LENGTH = 30
_HEADING_RATIO = 1.5
_HEADING_PART = 4
_HEADING_SPREAD = 6

# Across a blank line a sentence goes on where its end or the next line's beginning shows it, or where the line is as
# long as those that pages cut (seeds: 36 and more) and no new sentence plainly begins.
_CUT_LENGTH = 34
_REST_LENGTH = 10
# Words after which a clause is not over; a clause of a preposition and what it begins (对电); one of a single
# character; the last of a list (由公、检、法、司).
_GOES_ON = re.compile(
    r"(?:[的地得在把被将对向与和及并或由为以从于又也还更最给让使]|(?:全面|进一步|不断|着力|切实)(?:提升|加强|推进)"
    r"|[，,、；。](?:[对将把向由被从为与在让使给按以因经据]\w{0,3}|\w)|、\w{2})$"
)
# Parts of words that hardly ever begin one.
_WORD_REST = re.compile(r"[们了着过化员者格性力度罪]|诈(?!骗)|骗(?!子|取|局|术)|务(?!必|农|工|实)")
_AGENT = (
    "民警|警方|警察|交警|辅警|刑警|特警|干警|警员|大队|支队|中队|总队|分局|公安局|公安厅|派出所|警务室|窗口|大厅|中心"
    "|部门|单位|机关|群众|市民|居民|村民|记者|先生|女士|阿姨|大爷|老人|同志|队员|学生|家长|公司|银行|法院|检察院|社区"
)
_NEW_SENTENCE = re.compile(
    r"[“《【「]|[该此这那我他她它各][^，。]|全[市县省区局国年州镇乡村体]|本[市县省区局次报月周人案年]"
    r"|据[^点]|经(?![济验营理费])|按(?!摩)|凭|近日|日前|昨日|昨天|今日|今天|今年|去年|当日|当天|当晚|当年|目前|此前"
    r"|此后|随后|同时|此外|另外|另据|其中|其次|首先|最后|下一步|接下来|截至|截止|针对|根据|按照|通过|为了?|随着|近年|多年"
    r"|一年来|年初|年底|上午|下午|凌晨|清晨|傍晚|晚上|如果|凡是?|请|对此|对于|关于|在|自|从|\d{4}年|\d{1,2}[月日时]|.{1,3}某"
    rf"|[^，。,、；;！!？?]{{0,14}}(?:提醒|提示|介绍|表示|指出|强调|呼吁|建议|要求|告诉|认为)"
    rf"|[^，。,、；;！!？?]{{2,12}}(?:{_AGENT})[^，。,、；;！!？?]"
)


def is_closed(text: str) -> bool:
    """Whether a line ends as a sentence or a sign does, not as one that was cut."""
    return not (text[-1].isalnum() or text[-1] in _UNFINISHED)


def is_prose(text: str) -> bool:
    """Whether a line holds a comma or a full stop."""
    # Signs are found ten times sooner than a pattern.
    return "，" in text or "。" in text or (("," in text or "." in text) and _PROSE.search(text) is not None)


def holds_end(text: str) -> bool:
    """Whether a sentence ends in a line."""
    return _SENTENCE_END.search(text) is not None


def is_byline(text: str) -> bool:
    """Recognise lines of names, sources and dates, which hold a comma without being prose."""
    return _BYLINE.match(text) is not None


def may_run_on(text: str) -> bool:
    """Whether, soonest told, a line may have been cut: prose, or a number or date at the margin."""
    return is_prose(text) or text[-1].isdigit() or text[-1] in _DATE_UNITS


def runs_on(text: str) -> bool:
    """Whether a page has cut this piece of a paragraph in mid-sentence."""
    return is_prose(text) and not (is_closed(text) or _BULLET.match(text) or is_byline(text))


def opens_anew(text: str) -> bool:
    """Recognise a line that opens a paragraph by its looks, so that it is never the rest of a broken one."""
    return bool(_BULLET.match(text) or _OPENING.match(text))


def is_turn(text: str, *, after: str) -> bool:
    """Whether someone else speaks, or another label stands, after a line."""
    return _SPEAKER.match(text) is not None and after[-1] not in COMMAS


def open_alike(text: str, other: str) -> bool:
    """Recognise the lines of a list by how they open: with dates, numbers, labels."""
    return any(pattern.match(text) and pattern.match(other) for pattern in _ALIKE)


def are_alike(text: str, other: str) -> bool:
    """Recognise the lines of a list, such as 张三,男,1980年生: cut by commas alike, neither closed."""
    commas, others = len(_PROSE.findall(text)), len(_PROSE.findall(other))
    return commas == others > 1 and not is_closed(other) and abs(len(text) - len(other)) < len(text) / 3


def is_heading(text: str, *, before: str) -> bool:
    """Recognise a heading that holds a comma from a piece of the sentence that follows."""
    if len(text) > _HEADING_LENGTH or _FULL_STOP.search(text) or text[-1] in _OPEN:
        return False
    if len(before) > max(_HEADING_LENGTH, _HEADING_RATIO * len(text)):
        return True
    if _OPENING.match(text) and len(before) > len(text):
        return True
    parts = sorted(len(part) for part in _PROSE.split(text))
    spread = parts[-1] - parts[0]
    return spread <= 1 if len(parts) > 2 else parts[0] >= _HEADING_PART and spread <= _HEADING_SPREAD


def opens_sentence(text: str, *, after: str) -> bool:
    """Whether a line after a blank one begins a paragraph, and is not the rest of one that lacks its end."""
    if after[-1] in _UNFINISHED or _GOES_ON.search(after, max(0, len(after) - 6)) or _WORD_REST.match(text):
        return False
    if _NEW_SENTENCE.match(text):
        return True
    # So short a sentence is seldom a paragraph, least of all behind one that lacks its end.
    return len(after) < _CUT_LENGTH and not (len(text) <= _REST_LENGTH and is_closed(text))


def is_sentence(text: str) -> bool:
    """Recognise words from a tile or a telephone number: enough Han characters, and no label."""
    return len(_HAN.findall(text)) > 5 and "：" not in text and ":" not in text


def is_cut_number(text: str, *, after: str) -> bool:
    """Recognise the rest of a number or a date that the margin has cut; a date is not the rest of a number."""
    return (text[0].isdigit() and after[-1].isdigit() and not _ALIKE[0].match(text)) or (
        after[-1] in _DATE_UNITS and _DATE_REST.match(text) is not None
    )


def is_page_number(text: str) -> bool:
    """Recognise a line that holds the number of the page and nothing else."""
    return len(text) <= _PAGE_NUMBER_LENGTH and _PAGE_NUMBER.fullmatch(text) is not None

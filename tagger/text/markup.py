"""HTML → the text that a reader sees, with the place of every character in the source.

`html.parser` tells the line of a tag but not the place of a decoded character, and some versions of it need quadratic
time on hostile input; lxml and selectolax tell no places. So tags are found here, by one pattern and two rules of
HTML: a quoted value may hold anything but its quote, and script, style and comments are not seen. Only names of HTML
are tags: `a<b`, `<记者>` and `<3` are text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import NamedTuple

from tagger.text.lines import PARTS, UNSEEN

__all__ = ["Page", "Stretch", "read_markup"]

# A name of HTML or, with a colon, one that Word leaves (o:p), or, with a hyphen, one of a page's own (mp-profile);
# what else opens with <!; references. A reference is often escaped twice: &amp;nbsp;
_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]{0,11}(?::[a-zA-Z]{1,12}|(?:-[a-zA-Z0-9]{1,20}){1,4})?)(?=[\s/>])"
    r"|<(?:!--|!\[CDATA\[|!\[(?:if|endif)\b|!doctype\b|\?xml\b)|\]\]>"
    r"|&(?:amp;){0,3}(?:\#\d{1,7};|\#x[0-9a-f]{1,6};|nbsp\b;?|(?P<reference>[a-z][a-z0-9]{1,30};))",
    re.IGNORECASE,
)


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Tags whose ends are ends of paragraphs.
_BLOCKS = _names(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html iframe legend li main menu nav ol optgroup option p pre "
    "section select summary table tbody textarea tfoot thead tr ul"
)
_INLINE = _names(
    "a abbr acronym area audio b base basefont bdi bdo big button canvas cite code col colgroup data datalist del dfn "
    "em embed font i img input ins kbd label link map mark meta meter nobr object output param picture progress q rb "
    "rp rt ruby s samp slot small source span strike strong sub sup time track tt u var video wbr "
    # of official accounts of WeChat
    "mpchecktext mpcps mpgongyi mpprofile mpvideo mpvoice qqmusic"
)
_BREAK, _CELLS = "br", _names("td th")
_UNSEEN_ELEMENTS = _names("head script style template noscript svg title")
_TAGS = _BLOCKS | _INLINE | _CELLS | _UNSEEN_ELEMENTS | {_BREAK}
# Tags that need no end nor attributes to be known as tags. Others, such as <time>, stand in texts as placeholders.
_EVIDENT = _names("br p hr div span td th tr li ul table html head body font img script style h1 h2 h3")
# In these a line end of the source is white space; elsewhere people leave the line ends of plain text among tags.
_FLOWING = _names("p li td th h1 h2 h3 h4 h5 h6 dd dt caption figcaption")
# An indent after a line end shows that it is meant.
_SOFT_BREAK = re.compile(r"\r{0,2}\n[ \t]*(?![\s\u3000\xa0&])")
_NEXT_LINE = re.compile(r"[ \t]*\r{0,2}\n")
_TAG_STOP = re.compile(r"=\s{0,9}[\"']|[<>]")
_CLOSED = re.compile(r"</([a-zA-Z][a-zA-Z0-9:-]{0,99})(?=[\s/>])")
# No tag has so many quoted values; the limit keeps hostile text from being read again and again.
_ATTRIBUTES = 64


class Stretch(NamedTuple):
    """What is seen of the source from `start` to `end`; `spaced` where white space stood before it."""

    text: str
    start: int
    end: int
    spaced: bool


class _Part(NamedTuple):
    """Visible text and its place in the source; a mark between two parts has no place (-1)."""

    text: str
    start: int
    end: int


class Page:
    """The visible text of a source; U+2029 stands where block tags part paragraphs.

    `source` is the page whose visible text the parts have their places in, where tags were escaped (&lt;p&gt;).
    """

    def __init__(self, parts: list[_Part], source: Page | None = None) -> None:
        self._source = source
        self.text = "".join(part.text for part in parts)
        self._parts = parts
        self._starts: list[int] = []
        at = 0
        for part in parts:
            self._starts.append(at)
            at += len(part.text)

    def stretches(self, start: int, end: int) -> Iterator[Stretch]:
        """Find what the visible text from `start` to `end` was read from; white space between stretches is left out."""
        for stretch in self._stretches(start, end):
            if self._source is None:
                yield stretch
                continue
            for number, behind in enumerate(self._source.stretches(stretch.start, stretch.end)):
                yield behind if number else behind._replace(spaced=stretch.spaced)

    def _stretches(self, start: int, end: int) -> Iterator[Stretch]:
        spaced = False
        for index in range(bisect_right(self._starts, start) - 1, len(self._parts)):
            at = self._starts[index]
            if at >= end:
                break
            part = self._parts[index]
            low = max(0, start - at)
            text = part.text[low : end - at]
            seen = text.strip(UNSEEN)
            if part.start < 0 or not seen:
                spaced = spaced or any(map(str.isspace, text))
                continue
            skipped = text.index(seen)
            spaced = spaced or any(map(str.isspace, text[:skipped]))
            place = part.start + low + skipped
            # A reference is longer than what it stands for.
            is_reference = part.end - part.start > len(part.text)
            yield Stretch(seen, place, part.end if is_reference else place + len(seen), spaced)
            spaced = any(map(str.isspace, text[skipped + len(seen) :]))


def read_markup(text: str) -> Page | None:
    """Read HTML as a reader sees it; None where the text holds no tag and no character reference.

    >>> read_markup("<p>反诈&middot;<b>周报</b></p>").text.strip()
    '反诈·周报'
    >>> read_markup("若a<b，则《<诗>》中<记者>不变")
    """
    if not (_may_open("<", text) or _may_open("&", text)):
        return None
    reader = _Reader(text)
    parts = reader.read()
    if parts is None:
        return None
    page = Page(parts)
    if not reader.tags and "<" in page.text:  # the tags may be escaped
        escaped = _Reader(page.text)
        parts = escaped.read()
        if escaped.tags:
            return Page(parts or [], page)
    return page


def _may_open(sign: str, text: str) -> bool:
    """Whether a tag or a reference may stand anywhere; plain text is not read for it but where the sign stands."""
    at = text.find(sign)
    while at >= 0 and not _TOKEN.match(text, at):
        at = text.find(sign, at + 1)
    return at >= 0


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[_Part] = []
        self._closed = {name.lower() for name in _CLOSED.findall(text)}
        self._absent: set[str] = set()
        self.tags = 0
        self._flowing: tuple[str, int] | None = None  # an element of running text, and its first part

    def read(self) -> list[_Part] | None:
        at = kept = 0
        found = False
        while match := _TOKEN.search(self._text, at):
            end = self._end(match)
            at = max(end, match.end())
            if end >= 0:
                self._keep(kept, match.start())
                self._mark(match, end)
                # A line end behind <br> is no second one.
                after = _NEXT_LINE.match(self._text, end) if _name(match) == _BREAK else None
                at = kept = after.end() if after else end
                found = True
        self._keep(kept, len(self._text))
        return self._parts if found else None

    def _end(self, match: re.Match[str]) -> int:
        """Find where a tag, comment or reference ends; -1 where it is none and stays in the text."""
        sign, name = match.group().lower(), _name(match)
        if sign[0] == "&":
            return match.end() if match["reference"] is None or match["reference"] in html5 else -1
        if sign == "<!--":
            return max(match.end(), self._find("-->", match.end()))
        if sign in ("<![cdata[", "]]>"):
            return match.end()
        return self._tag(match, name) if name else self._find(">", match.end())

    def _tag(self, match: re.Match[str], name: str) -> int:
        """Find where a tag ends, or the whole element where nothing of it is seen."""
        end = self._tag_end(match.end())
        if end < 0 or not (match["close"] or self._is_open_tag(name, self._text[match.end() : end])):
            return -1
        if name not in _UNSEEN_ELEMENTS or match["close"]:
            return end
        closed = self._find(f"</{name}", end)
        return end if closed < 0 else max(closed, self._find(">", closed))

    def _is_open_tag(self, name: str, attributes: str) -> bool:
        return name in _EVIDENT or name in self._closed or "=" in attributes or attributes[-2:] == "/>"

    def _find(self, sign: str, at: int) -> int:
        """Find the end of the next such sign; what is absent once is not looked for again."""
        if sign in self._absent:
            return -1
        match = re.compile(re.escape(sign), re.IGNORECASE).search(self._text, at)
        if match is None:
            self._absent.add(sign)
            return -1
        return match.end()

    def _tag_end(self, at: int) -> int:
        for _ in range(_ATTRIBUTES):
            stop = _TAG_STOP.search(self._text, at)
            if stop is None or stop.group() == "<":
                return -1
            if stop.group() == ">":
                return stop.end()
            closed = self._text.find(stop.group()[-1], stop.end())
            # A quotation mark that nothing closes is a sign like others.
            at = closed + 1 if closed >= 0 else stop.end()
        return -1

    def _keep(self, start: int, end: int) -> None:
        if start < end:
            self._parts.append(_Part(self._text[start:end], start, end))

    def _mark(self, match: re.Match[str], end: int) -> None:
        """Enter what a token is seen as."""
        if match.group()[0] == "&":
            if seen := _decode(match.group()):
                self._parts.append(_Part(seen, match.start(), end))
            return
        name = _name(match)
        self.tags += bool(name)
        if name == _BREAK:
            self._parts.append(_Part("\n", -1, -1))
        elif name in _BLOCKS or name in _CELLS:
            if self._flowing and match["close"] and self._flowing[0] == name:
                self._parts[self._flowing[1] :] = _flow(self._parts[self._flowing[1] :], self._text)
            # Cells stand side by side; they are paragraphs of their own where they hold sentences.
            self._parts.append(_Part(PARTS if name in _BLOCKS else "\u3000\u3000", -1, -1))
            self._flowing = (name, len(self._parts)) if name in _FLOWING and not match["close"] else None


def _name(match: re.Match[str]) -> str:
    """Read the name of a tag, empty for what is none."""
    name = (match["name"] or "").lower()
    return name if name in _TAGS or ":" in name or "-" in name else ""


def _decode(reference: str) -> str:
    while (decoded := unescape(reference)) != reference:
        reference = decoded
    return decoded


def _flow(parts: list[_Part], source: str) -> list[_Part]:
    """Take the line ends out of running text; Latin words stay parted."""
    flowing = []
    for part in parts:
        at = part.start
        if at >= 0 and len(part.text) == part.end - at:
            for match in _SOFT_BREAK.finditer(source, at, part.end):
                flowing.append(_Part(source[at : match.start()].rstrip(" \t"), at, match.start()))
                if (source[match.start() - 1] + source[match.end() : match.end() + 1]).isascii():
                    flowing.append(_Part(" ", -1, -1))
                at = match.end()
            flowing.append(_Part(source[at : part.end], at, part.end))
        else:
            flowing.append(part)
    return flowing

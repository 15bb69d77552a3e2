"""Which column or field holds the text, the topics, the document: by its name, or by what stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tagger.formats.records import lookup

__all__ = [
    "DOCUMENT_NAMES",
    "KNOWN_NAMES",
    "OTHER_NAMES",
    "PARAGRAPH_NAMES",
    "SPLITS",
    "TEXT_NAMES",
    "TOPICS_NAMES",
    "bare_name",
    "find_field",
    "flatten",
    "is_chinese",
    "is_known",
    "is_named",
    "likely_text",
    "plain_name",
]

# The names that a column may have, the likeliest first; those of tools stand beside those that people write.
TEXT_NAMES = (
    "text", "文本", "正文", "内容", "content", "body", "文本内容", "正文内容", "文章内容", "新闻内容", "评论内容",
    "sentence", "句子", "评论", "comment", "review", "文段", "段落内容", "message", "msg", "query", "question",
    "问题", "微博", "留言", "description", "描述", "摘要", "abstract", "summary", "data", "article", "文章",
    "內容", "評論", "标题", "標題", "title", "headline", "题目",
)  # fmt: skip
# Titles are texts where there are no longer ones, by whatever name.
_TITLES = frozenset(["标题", "標題", "title", "headline", "题目"])
TOPICS_NAMES = (
    "topics", "topic", "labels", "label", "标签", "標籤", "類別", "分類", "主題", "主题", "类别", "类目", "分类",
    "话题", "类型", "category", "categories", "class", "classes", "target", "label_desc", "label_name",
    "labelname", "tag", "tags", "cat", "栏目", "频道", "情感", "sentiment", "意图", "intent", "class_label",
    "label_id", "y",
)  # fmt: skip
DOCUMENT_NAMES = (
    "document", "group", "文档", "文章", "doc", "doc_id", "docid", "document_id", "article_id", "文章编号",
    "文章id", "文档编号", "篇章",
)  # fmt: skip
PARAGRAPH_NAMES = ("paragraph", "段落", "段落号", "段号", "paragraph_id")
# Columns that hold neither text nor topics: what tools add, and what a spreadsheet counts by.
OTHER_NAMES = frozenset([
    "", "id", "_id", "序号", "编号", "index", "idx", "no", "unnamed: 0", "annotator", "annotation_id",
    "created_at", "updated_at", "lead_time", "comments", "user", "username", "url", "link", "链接", "网址", "date",
    "time", "日期", "时间", "source", "来源", "作者", "author", "split", "备注", "note", "notes", "score",
    "keywords", "关键词", "suggestion", "probability", "model_version", "decision", "evidence", "why", "key",
    "建议", "把握", "概率", "决定", "依据", "标注人", "标注员", "标注者", "审核人", "审核员", "复核人", "标注时间",
    "标注日期", "合计", "总计", "小计", "发布时间", "发布日期", "提交时间", "更新时间", "阅读量", "浏览量", "点赞数",
    "评论数", "转发数", "权重", "weight",
])  # fmt: skip
# What folders and values of a column are called that part what is to train with from what is to test with.
SPLITS = frozenset([
    "train", "training", "test", "testing", "dev", "val", "valid", "validation", "eval", "训练", "训练集", "测试",
    "测试集", "验证", "验证集", "开发集",
])  # fmt: skip
KNOWN_NAMES = frozenset([*TEXT_NAMES, *TOPICS_NAMES, *DOCUMENT_NAMES, *PARAGRAPH_NAMES]) - {"data", "cat", "y"}


# A number before a name, remarks in brackets behind it, and signs around it.
_ADDED = re.compile(
    r"^[*#【“\[\s]*(?:\d{1,2}[、.)]\s*)?|[】”\]:?*\s]*(?:\([^()]*\)|【[^【】]*】|\[[^\[\]]*\])?[】”\]:?*\s]*$"
)
# The English words in a name: articleBody, news_content.
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Those that say what something is when they stand at its end; other known ones stand there by chance (age_group).
_HEADS = frozenset(["text", "content", "body", "sentence", "topic", "topics", "label", "labels", "category"])
# What begins names of what was written about a text: 来信内容 is one, 回复内容 is not.
_BESIDE = ("回复", "答复", "反馈", "处理", "办理", "审核", "回访", "关键", "备注")
# 稿件正文 and 所属类别 are names; a longer cell that ends in such a word is a sentence.
_LONGEST_COMPOUND = 8


def plain_name(name: str) -> str:
    """Return the name of a column without what makes no difference.

    That is case, width, invisible signs, and blanks or quotation marks at its ends.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf").strip(" \t\r\n\"'")


def bare_name(name: str) -> str:
    """Return the plain name of a column without what forms add to it.

    >>> bare_name("*类 别（必填）"), bare_name("2、稿件正文："), bare_name("label_2")
    ('类别', '稿件正文', 'label_2')
    """
    plain = _ADDED.sub("", plain_name(name))
    return plain if plain.isascii() else plain.replace(" ", "")


def find_field(names: Iterable[str], wanted: str | None, known: Sequence[str]) -> str | None:
    """Return the name, as it is spelt, of the wanted field, or of the likeliest of the known ones; None without one."""
    by_plain_name: dict[str, str] = {}
    names = [*names]
    for name in names:
        by_plain_name.setdefault(plain_name(name), name)
    if wanted is None:
        for name in names:
            by_plain_name.setdefault(bare_name(name), name)
    if wanted is not None:
        return by_plain_name.get(plain_name(wanted))
    # Objects name their inner fields a.b: a known name counts there too, behind those outside.
    inner = {plain.rpartition(".")[2]: name for plain, name in reversed(by_plain_name.items())}
    for words in ([word for word in known if word not in _TITLES], [word for word in known if word in _TITLES]):
        found = [by_plain_name[word] for word in words if word in by_plain_name]
        found += [inner[word] for word in words if word in inner]
        compounds = [name for word in words for name in by_plain_name.values() if _is_compound(name, word)]
        found += sorted(compounds, key=lambda name: bare_name(name).startswith(_BESIDE))
        if found:
            return found[0]
    return None


def is_named(name: str, known: Sequence[str]) -> bool:
    """Return whether a field has one of the known names, or a compound of one."""
    return find_field([name], None, known) is not None


def _is_compound(name: str, word: str) -> bool:
    """Return whether a name is a compound of a known one: 稿件正文 is a 正文, 栏目分类 a 分类, articleBody a body."""
    if is_chinese(word):
        return bare_name(name).endswith(word)
    parts = [part.casefold() for part in _WORDS.findall(name)]
    return word in _HEADS and len(parts) > 1 and parts[-1] == word and parts[0] not in TOPICS_NAMES


def is_chinese(name: str) -> bool:
    """Return whether a known name is a Chinese word of two characters or more, which longer names may end in."""
    return len(name) > 1 and all("\u4e00" <= sign <= "\u9fff" for sign in name)


def is_known(cell: str) -> bool:
    """Return whether a cell of a table is a known name, or a short one that ends in a Chinese one."""
    plain = bare_name(cell)
    return plain in KNOWN_NAMES or (len(plain) <= _LONGEST_COMPOUND and plain.endswith(_CHINESE))


_CHINESE = tuple(name for name in sorted(KNOWN_NAMES) if is_chinese(name))


def flatten(fields: Mapping[str, Any]) -> list[str]:
    """Return the names of an object's fields; of an object in it, behind them, those of its fields, as a.b.

    An object of choices, as Label Studio writes it, is a list by another name.
    """
    objects = {name: value for name, value in fields.items() if isinstance(value, dict) and set(value) != {"choices"}}
    return [*(name for name in fields if name not in objects), *(f"{n}.{key}" for n, v in objects.items() for key in v)]


def likely_text(fields: Mapping[str, Any]) -> str | None:
    """Return the name of the field that is likely to hold the text, by its name or its length; None without one."""
    names = flatten(fields)
    found = find_field(names, None, TEXT_NAMES)
    if found is not None and isinstance(lookup(fields, found), str):
        return found
    strings = {name: value for name in names if isinstance(value := lookup(fields, name), str) and value}
    return max(strings, key=lambda name: len(strings[name]), default=None)

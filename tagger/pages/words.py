"""The words of pages, in each of their languages."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LANGUAGES", "reason_in", "words_in"]

LANGUAGES = ("zh", "en")

# {…} is filled in where the word is used.
_WORDS: dict[str, tuple[str, str]] = {
    "lang": ("zh-Hans", "en"),
    "title": ("主题报告", "Topics report"),
    "skip": ("跳到文章列表", "Skip to the list of articles"),
    "overview": ("概览", "Overview"),
    "articles": ("文章", "Articles"),
    "paragraphs": ("段落", "Paragraphs"),
    "topic": ("主题", "Topic"),
    "no_topic": ("没有主题", "No topic"),
    "articles_read": ("篇文章", "articles"),
    "paragraphs_read": ("个段落", "paragraphs"),
    "share_without": ("的文章没有主题", "of the articles have no topic"),
    "paragraphs_doubtful": ("个段落拿不准", "doubtful paragraphs"),
    "rejected": ("条未能处理", "could not be read"),
    "by_topic": ("各主题有多少", "How much of each topic"),
    "by_topic_note": (
        "一篇文章、一个段落可以有几个主题，所以各行相加可能多于总数。",
        "Articles and paragraphs may have several topics, so that the rows may add up to more than all.",
    ),
    "one_topic_note": ("每篇文章至多一个主题。", "An article has one topic at most."),
    "over_time": ("随时间的变化", "Over time"),
    "over_time_note": (
        "每格是{unit}内有这个主题的文章数，最高一格 {most} 篇。{undated}",
        "Each bar is the number of articles of a topic in {unit}; the highest is {most}. {undated}",
    ),
    "undated": ("{n} 篇没有能读懂的日期，不在图里。", "{n} articles have no date that could be read and are left out."),
    "day": ("一天", "a day"),
    "month": ("一个月", "a month"),
    "year": ("一年", "a year"),
    "time": ("时间", "Time"),
    "table": ("看数字", "As a table"),
    "peak": ("{title}：最多在 {when}，{n} 篇", "{title}: most in {when}, {n} articles"),
    "never": ("{title}：没有", "{title}: none"),
    "sureness": ("把握", "Sureness"),
    "how_sure": ("有多大把握", "How sure"),
    "sureness_note": (
        "把握是判定正确的概率：给了主题，就是这个主题的概率；没给，就是“没有”的概率。一处取其中最低的一个。",
        "How probably a decision is right: a topic that was given, or one that was not. The lowest of them counts.",
    ),
    "sure": ("有把握", "sure"),
    "fairly": ("较有把握", "fairly sure"),
    "doubtful": ("拿不准", "doubtful"),
    "sure_range": ("90% 及以上", "90% and above"),
    "fairly_range": ("70%–89%", "70%–89%"),
    "doubtful_range": ("不到 70%", "below 70%"),
    "not_read": ("未能处理的内容", "What could not be read"),
    "not_read_more": ("另有 {n} 条未列出。", "{n} more are not listed."),
    "reading": ("怎么读", "How to read it"),
    "reading_lines": (
        "画线的词句使模型判定主题：线越粗，分量越重；每个主题的线型不同。",
        "Underlined words decided: the thicker, the more; each topic has a line of its own.",
    ),
    "reading_keys": (
        "指着画线的词句、点它，或用 Tab 键和左右箭头键移到它，可看分量。",
        "Point at underlined words, tap them, or reach them by Tab and the arrow keys, to see how much they count.",
    ),
    "reading_context": (
        "段落还会参考上下文判定，所以画线少的段落也可能有主题。",
        "Paragraphs are judged by their neighbours too, so that one with few lines may have a topic.",
    ),
    "reading_furniture": (
        "浅色小字是页面上的附带文字（日期、编辑、分享等），不算文章内容。",
        "Small faint text stands on the page without being the article: dates, editors, share lines.",
    ),
    "furniture": ("附带文字", "page furniture"),
    "partial": (
        "文章太多，一页放不下：概览统计全部 {all} 篇，下面列出其中最拿不准的 {kept} 篇。",
        "More articles than a page can hold: the overview counts all {all}, below are the {kept} most doubtful.",
    ),
    "list": ("文章与段落", "Articles and paragraphs"),
    "filters": ("筛选", "Filter"),
    "any": ("全部", "all"),
    "from": ("从", "From"),
    "to": ("到", "To"),
    "search": ("搜索", "Search"),
    "search_hint": ("标题和正文里的词", "words of title or text"),
    "order": ("排序", "Order"),
    "order_given": ("原来的顺序", "as given"),
    "order_doubt": ("最拿不准的在前", "most doubtful first"),
    "order_new": ("最新的在前", "newest first"),
    "reset": ("清除筛选", "Clear"),
    "print": ("打印", "Print"),
    "tab_articles": ("文章 {n}", "Articles {n}"),
    "tab_doubtful": ("拿不准的段落 {n}", "Doubtful paragraphs {n}"),
    "found": ("共 {all} 篇，符合 {n} 篇", "{n} of {all} articles"),
    "nothing": ("没有符合的内容。清除一些筛选条件再看。", "Nothing fits. Clear some of the filters."),
    "page": ("第 {from}–{to} 条，共 {n} 条", "{from}–{to} of {n}"),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "pages": ("翻页", "Pages"),
    "some_doubtful": ("{n} 段拿不准", "{n} doubtful"),
    "number": ("第 {n} 段", "¶ {n}"),
    "perhaps": ("可能是{title} {p}%", "perhaps {title} {p}%"),
    "given": ("{title} {p}%", "{title} {p}%"),
    "counts": ("{title} +{value} 分，占画线部分的 {share}%", "{title} +{value}, {share}% of what is underlined"),
    "show_article": ("看整篇：", "Whole article: "),
    "more_paragraphs": ("还有 {n} 段，接着看", "{n} more paragraphs"),
    "empty_article": ("这篇没有文字。", "No text."),
    "no_script": (
        "文章列表需要打开浏览器的 JavaScript;概览不需要。",
        "The list of articles needs JavaScript; the overview does not.",
    ),
    "evaluation": ("评测报告", "Evaluation"),
    "verdict": ("结论", "Verdict"),
    "by_topic_verdict": ("各主题怎么样", "Topic by topic"),
    "what_to_say": ("判得怎么样", "What to make of it"),
    "examples": ("样例", "Examples"),
    "precision": ("精确率", "Precision"),
    "recall": ("召回率", "Recall"),
    "macro": ("各主题平均", "Macro"),
    "micro": ("合起来算", "Micro"),
    "terms": (
        "精确率：给出的主题里，对的占多少。召回率：该给的主题里，给出的占多少。F1：两者的调和平均。括号里是 95% 区间。",
        (
            "Precision: the share of topics given that is right. Recall: the share of those to be given that was. "
            "F1: the harmonic mean of both. In brackets, 95% intervals."
        ),
    ),
    "thresholds": ("换个阈值会怎样", "What another threshold would do"),
    "thresholds_note": (
        "概率达到阈值才给主题。提高阈值，给得少而准；降低阈值，漏得少而错得多。拖动滑块，或用左右箭头键。",
        (
            "A topic is given from its threshold on. A higher one gives fewer, surer ones; a lower one misses fewer. "
            "Move the slider, by arrow keys too."
        ),
    ),
    "threshold": ("阈值", "Threshold"),
    "told": (
        (
            "“{title}”阈值 {threshold}：给出 {given} 段，对 {right}，错 {wrong}，漏 {missed}；"
            "精确率 {precision}，召回率 {recall}。"
        ),
        (
            "{title} from {threshold}: given to {given}, {right} right, {wrong} wrong, {missed} missed; "
            "precision {precision}, recall {recall}."
        ),
    ),
    "plot": ("精确率与召回率的曲线", "Curve of precision against recall"),
    "plot_note": (
        "圆点是现在的位置，十字是滑块选定的位置。",
        "The dot is where the tagger is now, the cross what the slider has chosen.",
    ),
    "reliable": ("把握可信吗", "Are probabilities right"),
    "reliable_note": (
        "说有九成把握的，十次应有九次对：两列越接近越可信。",
        "Of topics that are 90% probable nine of ten should be right: the closer both columns, the better.",
    ),
    "probability": ("概率", "Probability"),
    "times": ("次数", "Count"),
    "mean": ("平均概率", "Mean probability"),
    "right": ("实际对的", "Right"),
    "length": ("文字长短", "Length of texts"),
    "texts": ("段", "Texts"),
    "given_topics": ("给出的主题", "Topics given"),
    "short": ("不到 20 字", "below 20 characters"),
    "middling": ("20–79 字", "20–79 characters"),
    "long": ("80 字及以上", "80 characters and more"),
    "confusion": ("什么错判成了什么", "What was taken for what"),
    "confusion_note": ("每行是标注的主题，每列是判定的主题。", "Rows are what is labelled, columns what was given."),
    "really": ("标注 \\ 判定", "Labelled \\ given"),
    "learning": ("再多标有用吗", "Would more labels help"),
    "documents": ("用了多少文档", "Documents trained on"),
    "errors": ("错得最厉害的例子", "The worst errors"),
    "errors_note": (
        "共错 {all} 段，列出最有把握却错了的 {shown} 段。标注有误的，照所写的行号去改。",
        "{all} were wrong; here are the {shown} that were surest. Where a label is wrong, mend it on the line named.",
    ),
    "no_errors": ("没有判错的。", "Nothing was wrong."),
    "labelled": ("标注：", "Labelled:"),
    "predicted": ("判定：", "Given:"),
    "speaks_for": ("支持：", "for:"),
    "speaks_against": ("反对：", "against:"),
    "comma": ("、", ", "),
    "signature": ("测量方法：", "Measured by:"),
    "made_by": (
        "由 Tagger {version} 用模型 {model} 生成。内容全在这个文件里，打开时不访问网络。",
        "Made by Tagger {version} with the model {model}. All of it is in this file; nothing is fetched.",
    ),
}

# The categories of `tagger.batch`, by which what could not be tagged is counted.
_REASONS = {
    "broken JSON": "JSON 格式有误",
    "field taken": "字段重名",
    "file too long": "文件太大",
    "line too long": "一行太长",
    "no text": "没有正文",
    "not UTF-8": "不是 UTF-8 编码",
    "not a JSON object": "不是 JSON 对象",
    "not a record": "不成一条记录",
    "text is not a string": "正文不是文字",
    "text too long": "正文太长",
    "unreadable file": "文件读不了",
}


def words_in(language: str) -> Mapping[str, str]:
    """Return the words of pages in one of `LANGUAGES`.

    >>> words_in("zh")["overview"]
    '概览'
    """
    at = LANGUAGES.index(language)
    return {name: words[at] for name, words in _WORDS.items()}


def reason_in(language: str, category: str) -> str:
    """Return why something could not be tagged, in a language; as the library says it where it has no other word.

    >>> reason_in("zh", "no text")
    '没有正文'
    """
    return _REASONS.get(category, category) if language == "zh" else category

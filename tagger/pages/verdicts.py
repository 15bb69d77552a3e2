"""The sentences of an evaluation's verdict, in each language of pages."""

from __future__ import annotations

from tagger.evaluation import Sentence

__all__ = ["say"]

_CURVE = "只用 {share} 的文档，宏平均 F1 是 {before}，全部用上是 {now}"
# As `tagger.evaluation.verdict` has them in English; places have the same names.
_CHINESE = {
    "{right} of 100 texts get exactly the topics that they have.": "每 100 段约有 {right} 段主题完全判对。",
    "Of 100 texts without a topic, {wrong} are given one.": "没有主题的文字，每 100 段约有 {wrong} 段被误给主题。",
    "Look at the examples that were wrong with {titles}: labels may contradict each other, or kinds of text be rare "
    "among the examples.": "请看“{titles}”判错的例子：标注可能前后不一，或某一类文字的样例太少。",
    "More labels would help: with {share} of the documents macro-F1 was {before}, with all it is {now}, and twice as "
    "many may bring it to about {expected}.": f"多标有用：{_CURVE}，再多一倍约能到 {{expected}}。",
    "More labels would help a little: with {share} of the documents macro-F1 was {before}, with all it is {now}, and "
    "twice as many may bring it to about {expected}.": f"多标略有用：{_CURVE}，再多一倍约能到 {{expected}}。",
    "More labels of the same kind would hardly help: with {share} of the documents macro-F1 was {before}, and with all "
    "it is {now}.": f"同类文字再多标，帮助不大：{_CURVE}。",
    "No example here has it, so nothing is known of it.": "这里没有一个样例有这个主题，无从判断。",
    "Nothing was tagged with it: none of its {examples} texts reaches its threshold.": (
        "一段也没有判为这个主题：它的 {examples} 段都没达到阈值。"
    ),
    "Lower the threshold, or give it more examples.": "可降低阈值，或多标一些样例。",
    "It was learnt from few examples, {trained_on}: some {more} more would serve best.": (
        "学习的样例只有 {trained_on} 个：再标约 {more} 个最有用。"
    ),
    "Of so few texts about it these figures are rough.": "这个主题的文字太少，数字只是大概。",
    "Most often confused with {title}, {number} times.": "最常和“{title}”混淆，{number} 次。",
    "Not one of its {examples} texts was missed.": "它的 {examples} 段一段没漏。",
    "Hardly any text about it is missed ({missed} of {examples}).": "几乎不漏（{examples} 段漏 {missed} 段）。",
    "Of ten texts about it, about one is missed ({missed} of {examples}).": (
        "十段大约漏一段（{examples} 段漏 {missed} 段）。"
    ),
    "Of ten texts about it, about {of_ten} are missed ({missed} of {examples}).": (
        "十段大约漏 {of_ten} 段（{examples} 段漏 {missed} 段）。"
    ),
    "Nothing was wrongly tagged with it ({assigned} tagged).": "没有误给（共给 {assigned} 段）。",
    "Few are wrongly tagged with it ({wrong} of {assigned}).": "误给很少（给了 {assigned} 段，错 {wrong} 段）。",
    "Some are wrongly tagged with it: of ten about {of_ten} ({wrong} of {assigned}).": (
        "有些误给：十段约错 {of_ten} 段（给了 {assigned} 段，错 {wrong} 段）。"
    ),
    "Many are wrongly tagged with it: of ten about {of_ten} ({wrong} of {assigned}).": (
        "误给很多：十段约错 {of_ten} 段（给了 {assigned} 段，错 {wrong} 段）。"
    ),
}


def say(sentence: Sentence, language: str) -> str:
    """Return a sentence in a language of pages; in English where it has no other words.

    >>> say(Sentence("Not one of its {examples} texts was missed.", {"examples": 12}), "zh")
    '它的 12 段一段没漏。'
    """
    text = _CHINESE.get(sentence.text, sentence.text) if language == "zh" else sentence.text
    return text.format_map(sentence.values)

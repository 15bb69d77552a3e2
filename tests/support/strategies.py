"""Text that is hard: what plain random strings hardly ever hold."""

from hypothesis import strategies as st

__all__ = ["han_text", "hard_markup", "hard_text"]

_PHRASES = st.sampled_from(
    [
        "民警在银行柜台劝住了汇款的老人",
        "反诈中心",
        "电信网络诈骗",
        "抓获犯罪嫌疑人3名",
        "办理身份证,跨省通办。",
        "１２３ＡＢＣ",
        "𠮷野家",
        "臺灣偵破詐騙",
        "👮🏽‍♀️👍",
        "www.example.com",
        "\u200b",
        "\ufeff",
        "\u3000\u3000",
        "\n",
        "\r\n",
        "\u2028",
        "\x00",
        "\ud800",
        "é",
        "e\u0301",
        "ﷺ",
        "㍿",
        "①",
        "",
        " ",
        "“”、。",
        "反 诈",
    ]
)
# The characters that dictionary words are made of, and some that are in no dictionary.
_HAN = st.one_of(
    st.sampled_from(list("警反诈骗电信网络公安民抓获办理中心的是一在人有我他这")),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
)

han_text = st.text(_HAN, max_size=40)
hard_text = st.lists(st.one_of(_PHRASES, han_text, st.text(max_size=5)), max_size=8).map("".join)

_TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<p class='a>b'>",
        '<p title="',
        "<br>\n",
        "<br/>",
        "<div>",
        "</div>",
        "<b>",
        "</b>",
        "<td>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE html>",
        "<time>",
        "<记者>",
        "a<b",
        "<",
        ">",
        "&nbsp;",
        "&nbsp",
        "&ldquo;",
        "&amp;nbsp;",
        "&lt;p&gt;",
        "&lt;/p&gt;",
        "&#12288;",
        "&#0;",
        "&#x2029;",
        "&NotEqualTilde;",
        "&T;",
        "　　",
        "- 1 -\n",
        "，",
        "safe\nharbour",
        "【编辑:某某】",
    ]
)
hard_markup = st.lists(st.one_of(_TAGS, _PHRASES, han_text), max_size=12).map("".join)

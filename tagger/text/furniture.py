"""Paragraph → is it furniture of the page: dates, bylines, share lines, navigation, footers, nothing of the article.

A line is furniture only where all of it is: it is read piece by piece, each a date, a label with a short value, a word
of the page or a sign, and one word more makes it text. So 来源:平安某地 is furniture, 来源不明的链接不要点 is not.
"""

from __future__ import annotations

import re

__all__ = ["is_furniture"]

# Longer lines are text; only copyright lines and the names of a whole paper's staff grow beyond.
_LONGEST = 60
_LONGEST_FOOTER = 200

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余顾孟黄穆萧尹姚邵汪祁毛禹狄贝明臧计伏成戴宋庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘丁宣邓郁单洪包诸左石崔吉龚程邢裴陆荣翁荀"
    "羊惠曲封芮储靳段富巫乌焦巴牧谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘祖武符刘景詹龙叶司黎溥印白怀蒲鄂卓蔺屠蒙池乔阎闫温庄"
    "晏柴瞿充慕连习艾容向古易廖耿满匡国文寇广东欧利师巩聂关查荆游权盖益桓岳帅海肖代覃尚佘苑辛兰申冉丛丘佟仝付涂谭迟甄邸缑郜敖咸衣岩木商牟那信隋鞠冼麦植阚戎晁尧粟初战"
)
_NAME = rf"(?:[\u4e00-\u9fff]{{1,2}}某{{1,2}}[\u4e00-\u9fff]?|[{_SURNAMES}某][\u4e00-\u9fff·×]{{1,3}})"
# Names follow one another with a space or a comma between them, or, where a page has lost it, without.
_NAMES = rf"{_NAME}(?:[\s、，,／/]{{0,3}}{_NAME}){{0,7}}"
# 本报记者, 中青报·中青网记者, 见习记者, 通讯员
_REPORTER = (
    r"(?:[\u4e00-\u9fff·]{1,12}?(?:报|网|社|台|传媒|中心|客户端))?(?:全媒体|首席|见习|实习|特约"
    r"|驻[\u4e00-\u9fff]{2,4})?"
    r"(?:记者|通讯员|实习生|特派员|评论员)"
)
_DATE = (
    r"(?:\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?|\d{1,2}月\d{1,2}日|\d{1,2}-\d{1,2}(?=\s)"
    r"|[一二][〇○零一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
    r"|\d{4}年\d{1,2}月)"
)
# Subtitles have thousandths of seconds.
_TIME = r"T?\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:[.,]\d{3})?)?"

# Where it is from and who made it; the value is a name or a unit.
_SOURCES = (
    "(?:信息|文章|稿件|新闻|图片|内容|视频|资料)?来源|稿源|来稿|(?:原文)?作者|(?:责任|值班|本期|本版|执行"
    "|图文|美术|视觉|网络|新媒体)?编辑|责编|美编|编审|小编"
    "|撰文|撰稿|供稿|供图|投稿(?:邮箱)?|发布(?:者|人|单位|机构|部门)|(?:信息)?提供(?:者|单位)"
)
# Who did what; words that are also steps of a procedure or stand over pictures, so that only a name may follow.
_ROLES = (
    "原创|文字|文案|图文|图片|文|图|摄|摄影|摄像|视频|制图|海报|插图|排版|版式|校对|校审|[一二三初复终]审"
    "|[一二三初复终]校|(?:责任)?审核|审签|审稿|译审|编译|签发"
    "|监制|总监制|策划|统筹|主编|总编辑?|副主编|执行主编|值班主任|制作|出品|编导|剪辑|配音|录入|整理|核稿"
    "|记者|通讯员|实习生|编|审|校|核|签"
)
_FACTS = (
    "索引号|信息索引号|发文字号|文号|版面|版次|栏目|所属栏目|字数|信息分类|主题分类|公开方式|有效性"
    "|网站标识码|技术支持|(?:主办|承办|协办|指导)单位"
    "|邮政编码|邮编|传真|(?:电子)?邮箱|E-?mail|网址|新闻热线|广告热线|发行热线|订报热线|爆料热线|微信公众号"
    "|微信号|公众号|官方微博|ICP备案号?|备案号"
)
_WHEN = "(?:发布|更新|发表|发文|成文|生成|创建|上传|录入|刊发)?(?:时间|日期)"
# What publishes: 某某晚报, 平安某地, 某地公安
_MEDIA = (
    "(?:平安|法治)[\u4e00-\u9fff]{2,4}|《?[\u4e00-\u9fff·]{2,12}(?:报|网|刊|在线|融媒|融媒体|融媒体中心|云"
    "|发布|头条|传媒|广播|电台|电视台|客户端|公众号"
    "|公安|警方|警事|警界|卫士|检察|新闻|资讯|简讯|声屏|观察)》?"
)
# A value goes to the next label, sign or space, and is no sentence.
_VALUE = r"[^\s，。！？；、,;!?|｜丨:：【】]{0,20}(?:、\S{2,4}){0,6}"

_WORDS = (
    "分享到?|转发到?|微信(?:好友|朋友圈)?|(?:新浪|腾讯)?微博|朋友圈|QQ(?:空间|好友)?|豆瓣|人人网|开心网"
    "|百度贴吧|贴吧|抖音|快手|今日头条"
    "|打印(?:本页|此页|文章|页面)?|关闭(?:本页|窗口|页面|此页)?|收藏(?:本页|本站|文章)?|复制(?:链接|网址)"
    "|返回(?:顶部|首页|列表|上一页)?"
    "|(?:网站)?首页|正文|(?:我要)?纠错|举报|(?:我要)?评论|点赞|赞|在看|推荐|朗读|语音播报|听新闻|收听"
    "|阅读原文|阅读全文|查看原文|展开全文|原文链接"
    "|更多|详细|详情|上一篇|下一篇|上一页|下一页|上一条|下一条|末页|尾页|没有了|无|扫一扫|手机(?:版|看|阅读"
    "|浏览)|客户端"
    "|字体(?:大小)?|字号|大字?|中字?|小字?|加大|默认|缩小|放大|标准|正常|特大|超大|[TAa][+-]|繁体(?:版)?"
    "|简体(?:版)?|无障碍(?:浏览|阅读|版)?"
    "|长者(?:版|模式|助手)|登录|注册|搜索|检索|RSS(?:订阅)?|订阅|设为首页|加入收藏|联系我们|网站地图|站点地图"
    "|关于我们|版权声明|隐私(?:政策|声明)|免责声明"
    "|友情链接|网站声明|法律声明|广告(?:服务)?|相关(?:阅读|新闻|链接|推荐|报道|文章)|(?:推荐|延伸|热门"
    "|更多)(?:阅读|推荐|新闻|文章)|猜你喜欢|热门评论|最新评论|精彩评论"
    "|END|end|The End|完|全文完|本报讯|本台讯|本网讯|原创|置顶|热点|来源|作者|责任编辑|责编|编辑|日期|时间"
    "|PDF版?|版权所有|翻版必究|违者必究|保留所有权利"
    "|All Rights? Reserved\\.?|未经(?:授权|许可|书面授权)[^，。]{0,12}(?:转载|复制|使用)|转载请注明(?:出处"
    "|来源)?|星期[一二三四五六日天]|上午|下午"
)
_COUNTS = (
    r"(?:浏览|点击|阅读|访问|查看|播放|转发|评论|点赞|分享|收藏|在看|人气)(?:次数|量|数|人数"
    r"|率)?\s?[:：（(]?\s?[\d,.]+\s?万?\+?\s?[次人）)]?"
    r"|[\d,.]+\s?万?\+?\s?[次人条]?(?:浏览|阅读|点击|评论|点赞|播放|转发|跟贴|参与)"
    r"|(?:本文|全文)(?:共|约)?计?\s?\d+\s?字|(?:预计)?阅读(?:时间|需|约|大约)?需?\s?\d+\s?分钟"
)
_CODES = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?(?:ICP"
    r"|icp)\s?[备证]\s?[A-Z\d-]*\s?号?(?:-\d+)?"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?公网安备\s?\d*\s?号?"
    r"|(?:https?://|www\.)[\x21-\x7e]+|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|(?:总?第\s?\d+\s?[期版页]|[A-Z]?\d{1,2}版)|《[^《》]{1,9}报》|\(?\d{3,4}\)?-\d{7,8}(?:-\d{1,4})?|1\d{10}"
)
_PIECE = re.compile(
    "|".join(
        (
            rf"{_DATE}(?:\s?[（(]?星期[一二三四五六日天][）)]?)?(?:\s*{_TIME})?",
            _TIME,
            rf"{_WHEN}\s?[:：]\s?(?:{_DATE}(?:\s*{_TIME})?|(?=\s|$))",
            rf"(?:{_FACTS})\s?[:：]\s?{_VALUE}",
            # An address is of the footer unless it tells where something is done.
            r"(?:联系|办公|单位)?地址\s?[:：]\s?(?![^，。]*(?:大厅|窗口|服务|办证|受理))[^，。！？；\s]{0,30}",
            rf"(?:{_SOURCES})\s*[:：|｜丨/／]\s*(?:{_NAMES}(?=$|\W)|{_VALUE})",
            (
                rf"(?:{_ROLES})\s*[:：|｜丨/／]\s*(?:{_NAMES}(?:\s?（[^）]{{2,6}}）)?"
                rf"|[\u4e00-\u9fff]{{0,3}}(?:科|室|宣|警官|老师|小编|资料)|(?:{_MEDIA}))?(?=$|\W)"
            ),
            rf"(?:(?:文|图|摄影?)\s?[/／、]\s?)+(?:文|图|摄影?|视频)\s?[:：/／|丨]?\s?(?:{_NAMES})?",
            rf"(?:{_SOURCES}|{_ROLES})\s+{_NAMES}(?=$|\W)",
            r"[/／]\s?(?:文|图|摄影?)(?=$|\W)",
            _COUNTS,
            _CODES,
            rf"(?:{_WORDS})(?![\u4e00-\u9fffA-Za-z\d])",
        )
    )
)
# Pieces that begin with any word, and so are tried last and only where the text may hold one.
_NAMED = re.compile(
    "|".join(
        (
            rf"(?:{_MEDIA})\s+(?={_DATE}|第\s?\d+|{_REPORTER}|（记者)",
            rf"(?:{_MEDIA})讯?(?=[（(]{_REPORTER})",
            rf"{_REPORTER}[\s/／:：|丨]*{_NAMES}(?=$|[\s（()）/／【\]】|｜丨]|文|图|摄|报道|来源)",
            rf"{_NAMES}\s*(?:摄影报道|摄影?|供图|供稿|报道|文/图|图/文|/文|/图|/摄|绘|整理)(?=$|[\s（()）/／】])",
        )
    )
)
_NAMED_HINTS = frozenset("〇○年月-.记讯摄供报绘整/／")
# What stands between pieces, or makes a line of signs: no letter, and no digit of more than a page's number.
_SIGNS = re.compile(r"[^\w。！？!?，；,;]+|[_×]+")
_ONLY_SIGNS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d{1,4}(?!\d)")
# Numbers that people are told to call say what a text is about.
_HOTLINES = frozenset(("110", "119", "120", "122", "12110", "12123", "12345", "12367", "12389", "96110"))

_WHOLE = re.compile(
    "|".join(
        (
            # The way to the page: 首页 > 警务动态 > 正文
            (
                r"(?:(?:您|你)(?:的|当前的?|现在的?|所在的?)|当前|现在|所在)位置\s?(?:[:：>＞»/是]"
                r"|在?首页)[^，。！？]{0,50}"
            ),
            r"(?:网站)?首页\s?(?:[>＞»›→/|｜]|-+>?|—+)[^，。！？]{0,50}",
            # The neighbours of the page, under their titles.
            r"(?:上|下)一(?:篇|条|页)\s?[:：].{0,50}",
            # Official accounts ask to be followed.
            (
                r"[↑↓▲▼👆👇☝⬆⬇\s]*(?:点击|点|戳|猛戳)?(?:上方|上面|下方|右上角|左上角|这里的?)?"
                r"[“\"「『]?蓝(?:色)?字(?:体)?[”\"」』]?"
                r"(?:即可|可)?(?:快速|免费|一键)?(?:(?:关注|订阅)[^，。！？]{0,10})?[↑↓▲▼👆👇☝⬆⬇\s]*"
            ),
            (
                r"(?:长按|扫描|扫一扫|识别|扫码)(?:识别|上方|下方|左侧|右侧|文末|图中|以下)*的?(?:二维码)?[，,\s]?"
                r"(?:即可)?(?:关注(?:我们|本号|公众号)?|手机(?:阅读|浏览|看)|分享(?:到.{0,8})?"
                r"|在手机(?:上)?打开(?:当前)?(?:页面|页)?|打开当前页|下载客户端)"
            ),
            r"长按(?:识别)?二维码|扫一扫|扫描二维码",
            r"(?:欢迎)?关注我们|(?:更多精彩)?[，,]?(?:请|敬请)?点击(?:下方)?[“「]?阅读原文[”」]?",
            r"(?:觉得不错|喜欢|好看)?[，,]?(?:请|就|给)?点(?:个|一个)[“「]?(?:在看|赞)[”」]?(?:呗|吧|哦|再走)?",
            # Where and when an agency's or a paper's report was written, and nothing else.
            (
                r"(?:新华社|中新社|中新网|人民网|央视网|本报|本台|本网)?"
                r"[\u4e00-\u9fff]{0,6}\d{1,2}月\d{1,2}日(?:电|讯|消息)(?:[（(][^）)，。]{0,24}[）)])?"
            ),
            # Names that a page has run together, in brackets: (本报记者甲乙丙通讯员丁戊己)
            (
                r"[（(](?:本报|本台|本网|本刊)(?:驻[\u4e00-\u9fff]{2,4})?(?:见习|实习|特约)?"
                r"记者[\u4e00-\u9fff\s、]{2,30}[）)]"
            ),
            # Newspapers and their clients in brackets: (法治日报)
            (
                r"[（(](?:据|来源|原载)?[:：]?"
                r"《?[\u4e00-\u9fff]{1,12}(?:报|网|社|电视台|电台|客户端|融媒体中心|公众号|发布|头条|新闻|在线)》?"
                rf"(?:\s?(?:{_REPORTER})?\s?{_NAMES})?[）)]"
            ),
        )
    )
)
_FOOTER = re.compile(
    (
        r"\W{0,3}(?:Copyright|COPYRIGHT|版权所有(?![者人权])|版权声明[:：]|免责声明[:：]|©|\(C\)|（C）)"
        r"|\W{0,3}Copy\s?right"
    ),
    re.IGNORECASE,
)


# Most lines of furniture hold one of these signs; the others name a person, or begin with a word of the page.
_HINTS = frozenset("0123456789〇○:：|｜丨/／>＞»©【（(")
_FIRST_WORD = re.compile(rf"{_WORDS}|{_SOURCES}|{_ROLES}|点击|长按|扫|关注|欢迎|识别|蓝|点个|觉得|喜欢|好看|请|Copy")
# A line of several pieces has something between them.
_SEPARATORS = frozenset(" \t\xa0\u2003\u3000:：|｜丨/／>＞»()（）[]【】-—©")
_LONGEST_PIECE = 20
_QUOTES = frozenset("“‘「『")
# What such a line begins with, unless with a sign or the name of a paper or a person.
_FIRST = frozenset(
    "0123456789〇○一二三初复终信文章稿新图内视资来原作责任值本执美网媒编小撰供投发提摄像制海插排版校审译签监总策统主副导剪配录整核记通实索字栏所分公"
    "有协承办指邮传电广订爆微官备更成生创建上刊时日联单地转朋腾豆人开百贴抖快今打关收复返首正我纠举评点赞在推朗语听阅查展下末尾没无扫手客大中加默缩放标"
    "特超繁简长登注搜检订设站隐免友法相延热猜最精完置翻违保未星周浏播京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼第您你当现识欢觉喜好"
    "请技戳猛右左这蓝TtAaREePWwQqCcHh两全预EI"
)
# Of words like these sentences are made, and topics; they stand only in titles of other pages, in the names of sources,
# in footers and in what official accounts ask for, which begin with one of those.
_NEVER = frozenset("，。！？!?了是被把让吗呢这那就也和为案诈骗")
_FREE = frozenset("上下首网您你当现所来版免©C长扫更觉喜好识点设备")
_FOOTER_FIRST = frozenset("Cc©版免(（ ")
# No line of furniture ends as a sentence.
_SENTENCE_ENDS = frozenset("。！？!?；;，,")


def is_furniture(text: str) -> bool:
    """Recognise what stands on the page without being of the article; a line with words of its own is not.

    >>> is_furniture("2024-03-01 09:30 来源:平安某地 字体:大 中 小"), is_furniture("【编辑:某某】")
    (True, True)
    >>> is_furniture("3月1日，民警走进社区"), is_furniture("来源不明的链接不要点")
    (False, False)
    """
    if len(text) > _LONGEST:
        return text[0] in _FOOTER_FIRST and len(text) <= _LONGEST_FOOTER and _is_footer(text)
    first = text[0]
    if text[-1] in _SENTENCE_ENDS or (first not in _FREE and not _NEVER.isdisjoint(text)) or not _may_be(text):
        return not first.isalnum() and _ONLY_SIGNS.fullmatch(text) is not None
    return _is_made_of_pieces(text) or _FOOTER.match(text) is not None or _WHOLE.fullmatch(text) is not None


def _is_footer(text: str) -> bool:
    """Recognise a long footer; only one on copying is written in sentences."""
    return _FOOTER.match(text) is not None and (text[-1] not in _SENTENCE_ENDS or "转载" in text)


def _may_be(text: str) -> bool:
    """Reject soon what is none: of 100 short lines that do not end as sentences, sixty."""
    first = text[0]
    if len(text) > _LONGEST_PIECE and _SEPARATORS.isdisjoint(text):
        return False
    if not _HINTS.isdisjoint(text):
        return first in _FIRST or not first.isalnum() or not _NAMED_HINTS.isdisjoint(text)
    if first in _FIRST and _FIRST_WORD.match(text):
        return True
    if "记者" in text or "通讯员" in text or text[-1] == "摄" or "报" in text[-3:]:
        return True
    return not first.isalnum() and first not in _QUOTES


def _is_made_of_pieces(text: str) -> bool:
    at = 0
    may_be_named = not _NAMED_HINTS.isdisjoint(text)
    while at < len(text):
        # The first character tells which of the long patterns to try.
        match = _PIECE.match(text, at) if text[at] in _FIRST or text[at] in "《/／（(" else None
        match = match or _SIGNS.match(text, at) or (_NAMED.match(text, at) if may_be_named else None)
        match = match or _DIGITS.match(text, at)
        if match is None or match.end() == at or match.group() in _HOTLINES:
            return False
        at = match.end()
    return True

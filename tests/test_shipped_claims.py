"""What README says of the shipped model's ways, tried on paragraphs that were written for it."""

import pytest

import tagger

# Paragraphs that say plainly what they are about.
PLAIN = {
    "anti_fraud": [
        "民警在银行柜台劝住了正要给“客服”转账的老人,十二万元养老钱保住了。",
        "反诈中心提醒:凡是要求转账到“安全账户”的,都是诈骗。",
        "刷单返利骗局花样翻新,当天有三名大学生被骗,派出所连夜止付。",
        "社区民警上门宣传防骗知识,教居民安装国家反诈APP。",
    ],
    "admin_service": [
        "出入境窗口延长办公时间,市民周六也能办理护照和港澳通行证。",
        "新生儿落户不用再跑两趟,派出所户籍窗口当场办结。",
        "身份证到期换领可以在手机上申请,三天后快递送到家。",
        "车管所推出驾驶证换证自助机,市民五分钟办结。",
    ],
    "law_enforcement": [
        "交警查处酒驾三起。",
        "警方破获一起盗窃电动车案,抓获犯罪嫌疑人五名。",
        "民警蹲守三夜,将盗割电缆的团伙一网打尽,刑事拘留七人。",
        "专项行动中,特警支队查获枪支三支,捣毁制贩窝点两处。",
    ],
    "team_building": [
        "市公安局组织岗位练兵比武,二百名民警参加射击和体能考核。",
        "他从警二十年,荣立二等功两次,被评为全国优秀人民警察。",
        "支队开展纪律作风教育整顿,逐人谈心谈话。",
        "新警入警宣誓仪式在训练基地举行,局长为他们授衔。",
    ],
}
NOTHING = [
    "昨天下了一场雨。",
    "市图书馆新添了三千册儿童读物,周末延长开放两小时。",
    "今年的小麦长势喜人,预计亩产比去年高一成。",
    "音乐会在湖边举行,市民带着小板凳早早占了位置。",
]
# Paragraphs that say little by themselves.
VAGUE = ["他们又走访了三户。", "大家都说,这样的事以后要多办。", "他一共跑了四趟,才把事情说清楚。", "这里的群众都说好。"]


def among(shipped: tagger.Tagger, paragraph: str, others: list[str], place: int) -> tagger.TaggedParagraph:
    """Return a paragraph as it is tagged in an article, with so many of the others before it."""
    article = shipped.tag("\n".join([*others[:place], paragraph, *others[place:]]))
    assert article.paragraphs[place].text == paragraph
    return article.paragraphs[place]


@pytest.mark.parametrize("topic", PLAIN)
def test_a_paragraph_that_says_plainly_what_it_is_about_keeps_it_in_any_company(
    shipped: tagger.Tagger, topic: str
) -> None:
    for others in [NOTHING, *(PLAIN[other] for other in PLAIN if other != topic)]:
        for paragraph in PLAIN[topic]:
            for place in (0, 2, 4):
                found = among(shipped, paragraph, others, place)
                assert topic in [tag.topic for tag in found.topics], (paragraph, others[0], place)


@pytest.mark.parametrize("topic", PLAIN)
def test_neighbours_can_speak_for_a_topic(shipped: tagger.Tagger, topic: str) -> None:
    for paragraph in VAGUE:
        alone = shipped.tag(paragraph).paragraphs[0].probabilities[topic]
        amid = among(shipped, paragraph, PLAIN[topic], 2).probabilities[topic]
        assert amid > alone


def test_neighbours_that_speak_for_a_topic_can_decide(shipped: tagger.Tagger) -> None:
    paragraph = "大家都说,这样的事以后要多办。"
    assert shipped.tag(paragraph).topics == ()
    found = among(shipped, paragraph, PLAIN["admin_service"], 2)
    assert [tag.topic for tag in found.topics] == ["admin_service"]


@pytest.mark.parametrize(
    "line",
    [
        "2026-05-01 09:30",
        "来源:某某日报",
        "责任编辑:李某",
        "分享到:微信 微博 QQ空间",
        "字体:大 中 小",
        "打印本页",
        "【关闭窗口】",
    ],
)
def test_furniture_of_a_page_is_marked_and_neither_tagged_nor_evidence(shipped: tagger.Tagger, line: str) -> None:
    plain = PLAIN["anti_fraud"][:2]
    article = shipped.tag("\n".join([line, *plain, line]))
    assert [paragraph.furniture for paragraph in article.paragraphs] == [True, False, False, True]
    assert all(not paragraph.topics for paragraph in article.paragraphs if paragraph.furniture)
    bare = shipped.tag("\n".join(plain))
    assert article.topics == bare.topics
    assert [p.probabilities for p in article.paragraphs[1:3]] == [p.probabilities for p in bare.paragraphs]


def test_html_is_read_as_a_reader_sees_it(shipped: tagger.Tagger) -> None:
    first, second = "民警劝住了正要转账的老人。", "交警查处酒驾三起。"
    page = (
        f"<style>p {{}}</style><body><p>{first[:4]}<b>{first[4:]}</b></p><script>抓获()</script><p>{second}</p></body>"
    )
    article = shipped.tag(page)
    assert [paragraph.text for paragraph in article.paragraphs] == [first, second]
    assert article.topics == shipped.tag(f"{first}\n{second}").topics


def test_texts_by_themselves_are_not_judged_by_one_another(shipped: tagger.Tagger) -> None:
    texts = [VAGUE[1], *PLAIN["admin_service"]]
    assert shipped.predict(texts) == [shipped.predict([text])[0] for text in texts]
    assert shipped.predict_proba(texts)[0] == pytest.approx(shipped.predict_proba(texts[:1])[0])


def test_texts_by_themselves_have_thresholds_of_their_own(shipped: tagger.Tagger) -> None:
    of_paragraphs = [topic.chosen.threshold for topic in shipped.model.classifier.paragraph_thresholds]
    assert list(shipped.thresholds.values()) != of_paragraphs

"""The invented words of simulated entries and score sheets, in English and Korean, each marked as simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.simulation.cities import City
from portal.simulation.dice import Dice
from portal.simulation.topics import Topic

MARK = {"en": "Simulated text.", "ko": "모의 자료입니다."}

_PROJECT_NAMES = {
    "en": "Beacon Bridge Canopy Common Compass Harbour Lantern Loom Meadow Mosaic Orchard Relay Spring Thread Tide",
    "ko": "가온 나루 누리 다솜 두레 라온 마루 물결 아라 온새 이음 하늬 한결 해밀 모아 새봄",
}
_PROJECT_KINDS = {"en": ("Open", "Bright", "Near", "Kind", "Clear", "Shared"), "ko": ("열린", "밝은", "가까운", "함께")}

# By the key of the question that they answer. Frames are filled with the words of a topic and the figures of a project;
# one of several is drawn.
_FRAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "pitch": (
            "{name} brings {subject} to {city}.",
            "With {name}, {city} offers {subject}.",
            "{name}: how {city} came to {subject}, together with its residents.",
        ),
        "summary": (
            (
                "{name} began in {year}. Its starting point was simple: {problem}. The answer is {technology}."
                " Since then the figure that counts, {indicator}, has moved from {before} to {after}."
            ),
        ),
        "problem": (
            (
                "In {city}, {problem}. A survey of {people} residents in {year} showed that {share} per cent of"
                " them were affected, most of all in the outer districts. The causes were traced in records,"
                " interviews and walks on site before any solution was discussed."
            ),
            (
                "For years {problem}. When the city looked closer in {year}, {share} per cent of the {people}"
                " people asked said that they had met the problem in the last twelve months. The pattern differed"
                " from district to district, and so did the reasons."
            ),
        ),
        "problem_evidence": (
            (
                "Survey of {people} residents ({year}), service records of three years, and twelve group talks. The"
                " figures are attached; they were checked by the statistics office of {city}."
            ),
        ),
        "citizens_in_problem": (
            (
                "Residents named the problem first. Four public meetings, a telephone line and a paper form"
                " collected proposals; a drawn panel of 24 residents ordered them and meets every quarter to this"
                " day."
            ),
            (
                "A group of residents walked the routes of the service with the project team and wrote the first"
                " list of requirements. Their notes were published unchanged."
            ),
        ),
        "technology_fit": (
            (
                "The project uses {technology}. Simple, replaceable parts were preferred; everything works without"
                " a smartphone, and the data stay with the city."
            ),
            (
                "At its core stands {technology}. It was chosen after a comparison with two other ways, one of"
                " which needed no technology at all."
            ),
        ),
        "innovation": (
            (
                "New is the order of things: people first, data second, devices last. New for {city} is also that"
                " the source code and the figures are open and that every automatic proposal is confirmed by a"
                " person."
            ),
        ),
        "design_evidence": (
            (
                "A trial with {people} residents over four months compared two versions. The version that was"
                " easier to explain won, although it was slower to build. The protocol of the trial is attached."
            ),
        ),
        "team": (
            (
                "Seven people work on the project: a lead, two engineers, two field workers, a data steward and a"
                " contact for residents. Each has a named deputy."
            ),
        ),
        "participation": (
            (
                "After a pilot in two districts the service was extended district by district. Residents took part"
                " in each step: they tested, they trained neighbours, and they could stop a step."
            ),
        ),
        "barriers": (
            (
                "The first version was hard to find and harder to explain. It was withdrawn after six weeks,"
                " rewritten with residents and started again. A legal question about data was settled with the"
                " ombudsman."
            ),
        ),
        "monitoring": (
            (
                "Every quarter the figures are published and discussed in public. Two features were removed because"
                " nobody used them; opening hours were changed after complaints; an outside evaluation is due each"
                " year."
            ),
        ),
        "outcomes": (
            (
                "{indicator_cap}: {before} before the project, {after} in the last full year (source: records of"
                " {city}). Satisfaction rose to {share} per cent of those asked."
            ),
        ),
        "inclusion": (
            (
                "The service is offered by phone, in person and on paper, in plain words and in the languages of"
                " the district. Fees are waived for households on low incomes."
            ),
        ),
        "replication": (
            (
                "A handbook, the code and the training material are free to use. Two neighbouring towns have taken"
                " over the approach and changed it to suit their own size."
            ),
        ),
        "lessons": (
            (
                "Start smaller, listen longer, publish earlier. What {city} would do differently: involve the night"
                " shift and the outer districts from the first day."
            ),
        ),
        "vision": (
            (
                "From {year} on, this person made {subject} a matter for the whole city administration, answered"
                " for it in public, and handed over responsibility so that it would last."
            ),
        ),
        "causes": (
            (
                "Three causes stood out: rules that had grown over the years, offices that did not see each other's"
                " work, and services made for people who have time. Money came only fourth."
            ),
        ),
        "policy_link": (
            (
                "The project belongs to the city's strategy up to 2030 and to the national programme for digital"
                " services; the council confirmed its aims in {year}."
            ),
        ),
        "left_behind": (
            (
                "Least served were people without a smartphone, people who read with difficulty, and residents of"
                " the outer districts. {share} per cent of those asked belonged to at least one of these groups."
            ),
        ),
        "solution": (
            (
                "{name} joins a service and a habit. The service is {technology}. The habit is that figures and"
                " complaints are looked at together, in public, every month. Both began small and were extended"
                " only after residents had tested them."
            ),
        ),
        "co_design": (
            (
                "Residents drew the first version on paper, tested every step, and had a veto on wording. Twelve of"
                " them are paid for their time."
            ),
        ),
        "access": (
            (
                "Large print, plain words, sign language by video, and help at the counter without an appointment."
                " An outside group of users checks the service twice a year."
            ),
        ),
        "data_protection": (
            (
                "Only what the service needs is kept, for six months at most. Consent can be withdrawn by phone;"
                " the data officer of {city} publishes every use of the data."
            ),
        ),
        "technology_secured": (
            (
                "The core was built by the city's own team, two parts were bought with open interfaces, and the"
                " source code is published."
            ),
        ),
        "changes_of_plan": (
            (
                "The second phase began three months late, because residents asked for more testing; the budget was"
                " kept."
            ),
        ),
        "feedback_changes": (
            (
                "After the first year the opening hours, the order of questions and one partner were changed. Two"
                " features were removed because nobody used them."
            ),
        ),
        "sustainability": (
            (
                "The project costs about {money} thousand US dollars over three years. From the third year on its"
                " running costs stand in the ordinary budget of {city}, and the team is permanent."
            ),
        ),
        "own_part": (
            (
                "This person set the aim, chaired the monthly public review, and answered for the failed first"
                " version. Technical choices were left to the team."
            ),
        ),
        "resources_found": (
            (
                "About {money} thousand US dollars over three years: 60 per cent from the city, 25 per cent from a"
                " national programme, 15 per cent from partners won in person."
            ),
        ),
        "biography": (
            (
                "Simulated text. Trained as an engineer, then a teacher and a member of the city council; in the"
                " present office since {year}. This person does not exist."
            ),
        ),
    },
    "ko": {
        "pitch": (
            "{name}, {city}의 {subject} 사업입니다.",
            "{city} 주민과 함께 만든 {subject}, {name}입니다.",
        ),
        "summary": (
            (
                "{name} 사업은 {year}년에 시작했습니다. {problem}. 이에 대한 해법은 {technology}입니다. 그 뒤 핵심"
                " 지표인 {indicator_topic} {before}에서 {after_toward} 바뀌었습니다."
            ),
        ),
        "problem": (
            (
                "{city}에서는 {problem}. {year}년 주민 {people}명을 조사한 결과 {share}%가 이 문제를 겪었고 외곽"
                " 지역에서 더 심했습니다. 해결책을 논하기에 앞서 기록과 면담, 현장 점검으로 원인을 살폈습니다."
            ),
        ),
        "problem_evidence": (
            (
                "주민 {people}명 설문({year}년), 3년 치 서비스 기록, 열두 차례 집단 면담을 근거로 삼았습니다."
                " 수치는 {city} 통계 담당 부서가 확인했습니다."
            ),
        ),
        "citizens_in_problem": (
            (
                "문제를 먼저 말한 사람은 주민이었습니다. 네 차례 공개 모임과 전화, 종이 양식으로 제안을 받았고"
                " 추첨으로 뽑은 주민 24명이 순서를 정했으며 지금도 분기마다 모입니다."
            ),
        ),
        "technology_fit": (
            (
                "이 사업은 {technology_object} 활용합니다. 단순하고 바꾸기 쉬운 부품을 우선했고 스마트폰 없이도"
                " 이용할 수 있으며 데이터는 시가 관리합니다."
            ),
        ),
        "innovation": (
            (
                "사람이 먼저, 데이터가 다음, 장치가 마지막이라는 순서가 새롭습니다. 소스 코드와 수치를 공개하고"
                " 자동 제안은 반드시 사람이 확인합니다."
            ),
        ),
        "design_evidence": (
            (
                "주민 {people}명과 넉 달 동안 두 가지 방식을 비교했습니다. 만드는 데 더 오래 걸리더라도 설명하기"
                " 쉬운 방식을 골랐습니다. 시험 계획서를 첨부합니다."
            ),
        ),
        "team": (
            (
                "책임자 1명, 기술 담당 2명, 현장 담당 2명, 데이터 관리자 1명, 주민 담당 1명 등 모두 7명이 일하며"
                " 저마다 대리자가 있습니다."
            ),
        ),
        "participation": (
            (
                "두 지역에서 시범 운영한 뒤 지역별로 넓혔습니다. 주민은 단계마다 시험하고 이웃을 가르쳤으며 단계를"
                " 멈출 수도 있었습니다."
            ),
        ),
        "barriers": (
            (
                "첫 판은 찾기도 설명하기도 어려웠습니다. 여섯 주 만에 거두어 주민과 다시 만들었습니다. 데이터에"
                " 관한 법적 문제는 시민 옴부즈맨과 풀었습니다."
            ),
        ),
        "monitoring": (
            (
                "분기마다 수치를 공개하고 함께 논의합니다. 쓰이지 않는 기능 두 가지를 없앴고 불만을 받아들여 운영"
                " 시간을 바꾸었으며 해마다 외부 평가를 받습니다."
            ),
        ),
        "outcomes": (
            (
                "{indicator}: 사업 전 {before}, 지난 한 해 {after}입니다(출처: {city} 기록). 응답자 가운데"
                " {share}%가 만족한다고 답했습니다."
            ),
        ),
        "inclusion": (
            (
                "전화와 방문, 종이로도 이용할 수 있고 쉬운 말과 지역에서 쓰는 여러 언어로 안내합니다. 저소득 가구는"
                " 이용료를 내지 않습니다."
            ),
        ),
        "replication": (
            ("안내서와 코드, 교육 자료를 누구나 쓸 수 있습니다. 이웃한 두 도시가 규모에 맞게 고쳐 받아들였습니다."),
        ),
        "lessons": ("더 작게 시작하고 더 오래 듣고 더 일찍 공개해야 합니다. 처음부터 외곽 지역과 함께하겠습니다.",),
        "vision": (
            (
                "{year}년부터 {subject_object} 시 전체의 일로 만들고 공개적으로 책임졌으며 오래 이어지도록 권한을"
                " 나누었습니다."
            ),
        ),
        "causes": (
            (
                "해마다 늘어난 규정, 서로의 일을 보지 못하는 부서, 시간이 넉넉한 사람에게 맞춘 서비스가 주된"
                " 원인이었습니다. 예산은 그다음이었습니다."
            ),
        ),
        "policy_link": (
            "2030년까지의 시 발전 계획과 국가 디지털 서비스 사업에 속하며 {year}년 의회가 목표를 확인했습니다.",
        ),
        "left_behind": (
            (
                "스마트폰이 없는 사람, 글을 읽기 어려운 사람, 외곽 지역 주민이 가장 소외되었습니다. 응답자의"
                " {share}%가 하나 이상에 해당했습니다."
            ),
        ),
        "solution": (
            (
                "{name} 사업은 서비스와 습관을 잇습니다. 서비스는 {technology}이며, 습관은 수치와 불만을 달마다"
                " 공개된 자리에서 함께 보는 일입니다. 작게 시작하여 주민이 시험한 뒤에만 넓혔습니다."
            ),
        ),
        "co_design": (
            (
                "주민이 첫 판을 종이에 그렸고 모든 단계를 시험했으며 표현을 거부할 권리를 가졌습니다. 열두 명은"
                " 참여 시간에 대한 보수를 받습니다."
            ),
        ),
        "access": (
            (
                "큰 글씨와 쉬운 말, 수어 영상, 예약 없는 창구 도움을 제공합니다. 외부 이용자 모임이 한 해 두 번"
                " 점검합니다."
            ),
        ),
        "data_protection": (
            (
                "필요한 정보만 길어야 여섯 달 보관합니다. 동의는 전화로도 철회할 수 있고 {city} 개인정보 담당관이"
                " 이용 내역을 모두 공개합니다."
            ),
        ),
        "technology_secured": (
            "핵심은 시 자체 조직이 만들었고 두 부분은 개방형 규격으로 구매했으며 소스 코드를 공개했습니다.",
        ),
        "changes_of_plan": ("주민이 시험을 더 원하여 두 번째 단계가 석 달 늦었으나 예산은 지켰습니다.",),
        "feedback_changes": (
            "첫해 뒤 운영 시간과 질문 순서, 협력 기관 한 곳을 바꾸었고 쓰이지 않는 기능 두 가지를 없앴습니다.",
        ),
        "sustainability": (
            (
                "3년 동안 약 {money}천 달러가 듭니다. 3년 차부터 운영비는 {city} 일반 예산에 들어가며 담당 조직은"
                " 상설입니다."
            ),
        ),
        "own_part": (
            (
                "목표를 세우고 달마다 공개 점검을 이끌었으며 실패한 첫 판에 책임을 졌습니다. 기술 선택은 실무진에게"
                " 맡겼습니다."
            ),
        ),
        "resources_found": (
            "3년 동안 약 {money}천 달러를 마련했습니다. 시 60%, 국가 사업 25%, 직접 설득한 협력 기관 15%입니다.",
        ),
        "biography": (
            "모의 자료입니다. 기술자와 교사, 시의원을 거쳐 {year}년부터 현직에 있습니다. 실제 인물이 아닙니다.",
        ),
    },
}

_COMMENTS = {
    "en": {
        "low": ("Little is shown here; the claims need evidence.", "The link to the problem stays unclear to me."),
        "middle": ("Plausible, with gaps in the figures.", "A sound basis; I miss the view of residents."),
        "high": ("Convincing and well documented.", "Clear, honest about limits, and useful to others."),
    },
    "ko": {
        "low": ("보여 준 것이 적어 근거가 더 필요합니다.", "문제와의 연결이 분명하지 않습니다."),
        "middle": ("타당하나 수치에 빈 곳이 있습니다.", "바탕은 좋으나 주민의 시각이 아쉽습니다."),
        "high": ("설득력이 있고 자료가 충실합니다.", "분명하고 한계에 솔직하며 다른 도시에도 유용합니다."),
    },
}


@dataclass(frozen=True, slots=True)
class Story:
    """An invented project: its title, its paragraphs by question, and the figures in them (money in thousand USD)."""

    title: str
    paragraphs: Mapping[str, str]
    indicator: str
    year: int
    before: int
    after: int
    people: int
    money: int


def tell_story(dice: Dice, topic: Topic, city: City, language: str, code: str) -> Story:
    """Write the invented project of an entry in `language` (en or ko); `code` makes its title unique."""
    words = topic.ko if language == "ko" else topic.en
    place = city.name_ko if language == "ko" else city.name
    kind, noun = dice.pick(_PROJECT_KINDS[language]), dice.pick(_PROJECT_NAMES[language].split())
    name = f"{kind} {noun} {code}"
    year, share = 2019 + dice.below(4), 31 + dice.below(55)
    before, people, money = 20 + dice.below(60), 400 + 50 * dice.below(80), 150 + 25 * dice.below(90)
    after = before + 15 + dice.below(80)
    values = {
        "city": place,
        "name": name,
        "subject": words.subject,
        "problem": words.problem,
        "technology": words.technology,
        "indicator": words.indicator,
        "indicator_cap": words.indicator[:1].upper() + words.indicator[1:],
        "year": year,
        "share": share,
        "before": before,
        "after": after,
        "people": people,
        "money": money,
    }
    if language == "ko":
        values |= {
            "indicator_topic": words.indicator + _particle(words.indicator, "은", "는"),
            "technology_object": words.technology + _particle(words.technology, "을", "를"),
            "subject_object": words.subject + _particle(words.subject, "을", "를"),
            "after_toward": f"{after}{'으로' if after % 10 in (0, 3, 6) else '로'}",
        }
    paragraphs = {key: dice.pick(frames).format(**values) for key, frames in _FRAMES[language].items()}
    for key in ("summary", "problem", "vision"):
        paragraphs[key] = f"{MARK[language]} {paragraphs[key]}"
    if language == "ko":
        title = f"{name}: {place} {words.subject} (모의)"
    else:
        title = f"{name}: {words.subject} in {place} (simulated)"
    return Story(title, paragraphs, words.indicator, year, before, after, people, money)


def _particle(word: str, after_consonant: str, after_vowel: str) -> str:
    """Choose the Korean particle that follows a word; a bracketed unit at its end is not read."""
    last = word.partition("(")[0].rstrip()[-1]
    return after_consonant if (ord(last) - ord("가")) % 28 else after_vowel


def write_comment(dice: Dice, score: int, language: str) -> str:
    """Write a judge's invented comment on a criterion that got `score` of 10."""
    band = "low" if score < 5 else "middle" if score < 8 else "high"
    return f"{dice.pick(_COMMENTS[language][band])} ({'모의' if language == 'ko' else 'simulated'})"

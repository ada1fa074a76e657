"""What simulated entries are about: topics with their words in English and Korean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of a topic in one language, made to stand inside the sentences of `texts`."""

    subject: str
    problem: str
    technology: str
    indicator: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its themes and target groups by vocabulary key, its goals (SDG numbers), and its words."""

    themes: tuple[str, ...]
    groups: tuple[str, ...]
    goals: tuple[str, ...]
    en: Words
    ko: Words


def _topic(themes: str, groups: str, goals: str, en: str, ko: str) -> Topic:
    """Read a topic; the words of a language are subject | problem | technology | indicator."""

    def words(text: str) -> Words:
        subject, problem, technology, indicator = (part.strip() for part in text.split("|"))
        return Words(subject, problem, technology, indicator)

    return Topic(tuple(themes.split()), tuple(groups.split()), tuple(goals.split()), words(en), words(ko))


PEOPLE = (
    _topic(
        "digital-inclusion ageing",
        "older-people",
        "10 11",
        "digital helpers for older residents | many residents over 70 give up when a service moves online |"
        " a helpdesk with screen sharing, large print and neighbourhood volunteers | older residents served online",
        "어르신 디지털 도우미 | 공공 서비스가 온라인으로 옮겨 가자 이용을 포기하는 70세 이상 주민이 많았습니다 |"
        " 화면 공유와 큰 글씨를 갖춘 상담 창구와 동네 자원봉사 | 온라인 서비스를 이용한 어르신 수",
    ),
    _topic(
        "disability mobility",
        "people-with-disabilities",
        "10 11",
        "step-free routes for everyone | wheelchair users could not know in advance whether a route was passable |"
        " a route map built from street surveys and reports of residents | kilometres of checked step-free routes",
        "모두를 위한 무장애 길 안내 | 휠체어 이용자가 길을 지날 수 있는지 미리 알 수 없었습니다 |"
        " 현장 조사와 주민 제보로 만든 경로 지도 | 확인을 마친 무장애 경로 길이(km)",
    ),
    _topic(
        "youth mental-health",
        "young-people",
        "3 4",
        "a listening line for young people | young people waited eleven weeks for a first conversation |"
        " an anonymous chat run by trained counsellors with a clear path to clinics | days of waiting for a first talk",
        "청소년 마음 상담 창구 | 청소년이 첫 상담을 받기까지 열한 주를 기다렸습니다 |"
        " 전문 상담사가 운영하고 진료로 이어지는 익명 대화 창구 | 첫 상담까지 기다린 날수",
    ),
    _topic(
        "welfare data-ai",
        "low-income",
        "1 10",
        "early notice of households in need | help reached families only after power or water had been cut |"
        " signals from utilities, reviewed by social workers before anyone acts | households reached in time",
        "위기 가구 조기 발견 | 전기나 물이 끊긴 뒤에야 도움이 가정에 닿았습니다 |"
        " 공과금 신호를 사회복지사가 검토한 뒤 움직이는 절차 | 제때 찾아간 가구 수",
    ),
    _topic(
        "health prevention",
        "patients all-residents",
        "3",
        "screening close to home | people in outer districts went to a check-up half as often as in the centre |"
        " mobile check-up teams planned with anonymous district data | residents with a yearly check-up",
        "집 가까이에서 받는 건강 검진 | 외곽 주민의 검진율이 도심의 절반에 그쳤습니다 |"
        " 익명 지역 통계로 계획하는 이동 검진단 | 해마다 검진을 받은 주민 수",
    ),
    _topic(
        "gender safety",
        "women",
        "5 11",
        "safe ways home at night | women avoided streets that statistics called safe |"
        " night walks, a map of worries and lighting that follows them | streets relit after a night walk",
        "안심 귀갓길 | 통계로는 안전한 거리를 여성들이 피해 다녔습니다 |"
        " 야간 보행 점검과 불안 지도, 그에 맞춘 조명 | 점검 뒤 조명을 고친 거리 수",
    ),
    _topic(
        "education digital-inclusion",
        "young-people low-income",
        "4 10",
        "homework rooms with devices and mentors | one pupil in five had no quiet place and no device for homework |"
        " shared rooms in libraries with lending devices and student mentors | pupils using a homework room each week",
        "기기와 길잡이가 있는 공부방 | 학생 다섯 명 가운데 한 명은 숙제할 조용한 자리와 기기가 없었습니다 |"
        " 도서관 공유 공부방, 기기 대여, 대학생 길잡이 | 매주 공부방을 쓰는 학생 수",
    ),
    _topic(
        "participation governance",
        "all-residents",
        "11 16",
        "a budget that neighbourhoods decide | the same few voices decided on local spending every year |"
        " proposals by phone, web and paper with a drawn council of residents | residents who voted on the budget",
        "동네가 정하는 예산 | 해마다 같은 몇 사람이 지역 예산을 정했습니다 |"
        " 전화, 웹, 종이로 받는 제안과 추첨 주민 회의 | 예산 투표에 참여한 주민 수",
    ),
    _topic(
        "food welfare",
        "low-income older-people",
        "2 12",
        "surplus food for neighbours | shops threw away good food while pantries stood empty |"
        " a matching service between shops, drivers and pantries | tonnes of food handed on",
        "남는 먹거리 이웃 나눔 | 가게는 멀쩡한 음식을 버리고 나눔 창고는 비어 있었습니다 |"
        " 가게와 운전자와 나눔 창고를 잇는 연결 서비스 | 나눈 먹거리의 양(톤)",
    ),
    _topic(
        "housing e-government",
        "migrants low-income",
        "10 16",
        "one desk for newcomers | newcomers had to visit seven offices in their first month |"
        " one appointment with an interpreter and a shared file that the newcomer owns | offices visited per person",
        "새 주민을 위한 한곳 창구 | 새 주민이 첫 달에 일곱 곳의 관청을 다녀야 했습니다 |"
        " 통역이 함께하는 한 번의 예약과 본인이 관리하는 공유 서류 | 한 사람이 방문한 관청 수",
    ),
)

TECH = (
    _topic(
        "mobility data-ai",
        "all-residents",
        "9 11",
        "signals that give way to buses | buses lost a third of their time at crossings |"
        " adaptive signals fed by bus positions and pedestrian sensors | minutes of delay per bus trip",
        "버스에 길을 내주는 신호 | 버스가 운행 시간의 3분의 1을 교차로에서 허비했습니다 |"
        " 버스 위치와 보행자 감지기를 쓰는 적응형 신호 | 버스 한 번 운행당 지연 시간(분)",
    ),
    _topic(
        "climate safety",
        "all-residents",
        "11 13",
        "flood warnings street by street | warnings came for the whole city and were ignored in the streets at risk |"
        " water-level sensors and a model of drains that warns by street | minutes between warning and flood",
        "골목 단위 침수 경보 | 경보가 시 전체에 울려 정작 위험한 골목에서는 무시되었습니다 |"
        " 수위 감지기와 배수 모형으로 골목마다 알리는 경보 | 경보부터 침수까지의 시간(분)",
    ),
    _topic(
        "energy environment",
        "city-staff all-residents",
        "7 13",
        "public buildings that learn to save energy | heating ran in empty public buildings |"
        " open controls that learn from bookings and weather | energy used per square metre",
        "스스로 에너지를 아끼는 공공 건물 | 빈 공공 건물에도 난방이 돌았습니다 |"
        " 예약과 날씨에서 배우는 개방형 제어 | 면적당 에너지 사용량",
    ),
    _topic(
        "environment data-ai",
        "all-residents",
        "3 11",
        "clean air measured by schools | six stations could not tell which school yards had bad air |"
        " low-cost sensors kept by pupils and corrected against reference stations | school yards below the limit",
        "학교가 재는 맑은 공기 | 측정소 여섯 곳으로는 어느 운동장의 공기가 나쁜지 알 수 없었습니다 |"
        " 학생이 돌보고 기준 측정소로 보정하는 간이 감지기 | 기준을 지킨 운동장 수",
    ),
    _topic(
        "urban-planning governance",
        "city-staff",
        "9 11",
        "a digital twin for building permits | permits took nine months and plans were checked by hand |"
        " a city model that checks plans against rules and shows them to neighbours | days for a building permit",
        "건축 허가를 돕는 디지털 트윈 | 허가에 아홉 달이 걸리고 도면을 손으로 검토했습니다 |"
        " 도면을 규정에 비추어 검토하고 이웃에게 보여 주는 도시 모형 | 건축 허가에 걸린 날수",
    ),
    _topic(
        "sanitation environment",
        "city-staff all-residents",
        "6 12",
        "waste collection by need | lorries emptied bins that were half full and missed those that ran over |"
        " fill-level sensors and routes planned each morning | kilometres driven per tonne of waste",
        "필요할 때 가는 쓰레기 수거 | 반쯤 찬 통은 비우고 넘치는 통은 놓쳤습니다 |"
        " 적재량 감지기와 아침마다 짜는 수거 경로 | 쓰레기 1톤당 운행 거리(km)",
    ),
    _topic(
        "safety data-ai",
        "all-residents",
        "3 11",
        "faster help in emergencies | ambulances were sent from the wrong side of the river |"
        " dispatch with live bridge and traffic data and a second look by a person | minutes until help arrives",
        "더 빠른 응급 출동 | 구급차가 강 건너편에서 출발하는 일이 잦았습니다 |"
        " 교량과 교통 실시간 자료를 쓰고 사람이 다시 확인하는 출동 지령 | 도착까지 걸린 시간(분)",
    ),
    _topic(
        "e-government data-ai",
        "all-residents city-staff",
        "9 16",
        "an assistant that answers in plain words | residents could not find the rule that applied to them |"
        " an assistant that quotes the city's own pages and hands over to staff | questions answered without a visit",
        "쉬운 말로 답하는 민원 도우미 | 주민이 자신에게 맞는 규정을 찾지 못했습니다 |"
        " 시 누리집을 근거로 답하고 직원에게 이어 주는 도우미 | 방문 없이 해결한 문의 수",
    ),
    _topic(
        "industry jobs",
        "small-businesses",
        "8 9",
        "shared data for small shops | small shops had no figures on when and why people came |"
        " a data commons of footfall and events with strict privacy rules | shops using the figures",
        "작은 가게를 위한 공유 데이터 | 작은 가게는 손님이 언제 왜 오는지 알 수 없었습니다 |"
        " 개인정보 규칙을 지킨 유동 인구와 행사 공유 데이터 | 데이터를 쓰는 가게 수",
    ),
    _topic(
        "culture tourism",
        "all-residents small-businesses",
        "8 11",
        "heritage streets that visitors share fairly | visitors crowded three streets and missed the rest |"
        " live crowding levels and walks told by residents | visitors outside the crowded streets",
        "고르게 나누는 옛길 여행 | 관광객이 세 골목에만 몰렸습니다 |"
        " 실시간 혼잡도와 주민이 들려주는 산책길 | 혼잡 지역 밖을 찾은 방문객 수",
    ),
)

LEADERSHIP = (
    _topic(
        "governance data-ai",
        "city-staff",
        "16",
        "open data in every department | departments guarded their figures and decided apart |"
        " a data office, open standards and a weekly public review | published data sets in use",
        "모든 부서의 데이터 개방 | 부서마다 자료를 쥐고 따로 결정했습니다 |"
        " 데이터 담당 조직과 개방 표준, 매주 여는 공개 점검 | 실제로 쓰이는 공개 데이터 수",
    ),
    _topic(
        "participation digital-inclusion",
        "all-residents",
        "10 16",
        "a city hall that listens | residents heard about projects when they were finished |"
        " a standing panel of residents and answers to every proposal | proposals answered within a month",
        "귀 기울이는 시청 | 사업이 끝난 뒤에야 주민이 소식을 들었습니다 |"
        " 상시 주민 회의와 모든 제안에 대한 답변 | 한 달 안에 답한 제안 수",
    ),
    _topic(
        "climate mobility",
        "all-residents",
        "11 13",
        "streets given back to people | traffic plans had put cars first for forty years |"
        " open trials of street changes, measured and reported | streets changed after a trial",
        "사람에게 돌려준 거리 | 마흔 해 동안 교통 계획이 자동차를 앞세웠습니다 |"
        " 측정하고 공개하는 거리 바꾸기 시험 | 시험을 거쳐 바뀐 거리 수",
    ),
    _topic(
        "health data-ai",
        "patients older-people",
        "3",
        "health data in the service of prevention | clinics, schools and social services knew half a story each |"
        " shared indicators with consent and an ethics board | districts with a prevention plan",
        "예방을 위한 건강 데이터 | 병원, 학교, 복지 기관이 서로 다른 반쪽만 알았습니다 |"
        " 동의를 바탕으로 한 공유 지표와 윤리 위원회 | 예방 계획을 세운 지역 수",
    ),
)

TOPICS = {"people-centric": PEOPLE, "tech-innovation": TECH, "leadership": LEADERSHIP}

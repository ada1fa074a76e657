"""The answers of a simulated entry to whatever form its edition uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.definitions.rules import (
    AnyField,
    ChoiceField,
    ChoicesField,
    Column,
    ConsentField,
    CountryField,
    DateField,
    Definition,
    EmailField,
    FilesField,
    NumberField,
    PhoneField,
    TableField,
    UrlField,
)
from portal.simulation.dice import Dice
from portal.simulation.people import invent_name
from portal.simulation.plan import PlannedEntry

Words = Mapping[str, tuple[str, ...]]

_WORDS: dict[str, Words] = {
    "en": {
        "department": ("Digital Services Office", "Department of Smart City Affairs", "Office for Innovation"),
        "contact_title": ("Project manager", "Head of division", "Coordinator"),
        "authorising_title": ("Deputy mayor", "City manager", "Chief digital officer"),
        "city_contact": ("Office for Innovation of the city",),
        "nominee_position": ("Mayor", "Chief data officer", "Head of digital services"),
        "note": ("decided by the council", "agreement signed", "in kind"),
        "partner": ("Institute for Urban Studies", "Residents' Association", "Open Tools Cooperative"),
        "role": ("evaluation", "tests with residents", "software"),
        "risk": ("Loss of a supplier", "Loss of trust", "Loss of funding"),
        "response": (
            "open interfaces and a second source",
            "public log and the right to object",
            "a reduced service that the city carries alone",
        ),
        "milestone": ("Pilot in two districts", "Service in the whole city", "First outside evaluation"),
        "unit": ("number",),
        "source": ("records of the service",),
        "link": ("Project page (simulated)",),
    },
    "ko": {
        "department": ("디지털정책과", "스마트도시과", "혁신담당관"),
        "contact_title": ("사업 담당자", "팀장", "주무관"),
        "authorising_title": ("부시장", "정책실장", "디지털정책관"),
        "city_contact": ("시청 혁신담당관",),
        "nominee_position": ("시장", "데이터정책관", "디지털정책국장"),
        "note": ("의회 의결", "협약 체결", "현물"),
        "partner": ("도시연구소", "주민자치회", "열린도구협동조합"),
        "role": ("평가", "주민 시험", "소프트웨어"),
        "risk": ("공급사 이탈", "신뢰 상실", "재원 축소"),
        "response": ("개방형 규격과 두 번째 공급처", "공개 기록과 거부권", "시가 홀로 이어 갈 최소 서비스"),
        "milestone": ("두 지역 시범 운영", "시 전역 서비스", "첫 외부 평가"),
        "unit": ("수",),
        "source": ("서비스 기록",),
        "link": ("사업 누리집(모의)",),
    },
}


def answer_form(seed: int, entry: PlannedEntry, definition: Definition) -> dict[str, Any]:
    """Answer every question of a form but its files, raw as a person types it.

    What the story of the entry knows is told; a question that it does not know gets an answer that fits its kind, so
    that a changed form does not stop the simulation.
    """
    dice = Dice(seed, "answers", entry.number)
    told = _told(dice, entry)
    answers: dict[str, Any] = {}
    for section in definition.sections:
        for question in section.fields:
            if isinstance(question, FilesField):
                continue
            answers[question.key] = told.get(question.key, _fitting(question, entry))
    return answers


def _told(dice: Dice, entry: PlannedEntry) -> dict[str, Any]:
    """Give what the story knows, by key of the question."""
    story, organisation, words = entry.story, entry.organisation, _WORDS[entry.language]
    city = organisation.city
    name = city.name_ko if entry.language == "ko" else city.name
    one = {key: dice.pick(some) for key, some in words.items()}
    money = story.money * 1000
    return {
        **story.paragraphs,
        **{key: one[key] for key in ("department", "contact_title", "authorising_title", "city_contact")},
        "contact_name": organisation.contact,
        "contact_email": organisation.email,
        "second_name": "",
        "second_email": "",
        "contact_phone": "",
        "authorising_name": invent_name(dice, city.country.code, city.language),
        "project_city": name,
        "project_country": city.country.code,
        "nominee_name": organisation.contact,
        "nominee_position": one["nominee_position"],
        "in_office_from": f"{story.year}-01-02",
        "in_office_to": "",
        "nomination_kind": "office",
        "title": entry.title,
        "themes": list(entry.topic.themes),
        "target_groups": list(entry.topic.groups),
        "sdgs": list(entry.topic.goals),
        "stage": dice.pick(("roll-out", "operation", "scaled")),
        "started_on": f"{story.year}-03-01",
        "ended_on": "",
        "channels": ["online", "phone", "counter"],
        "maturity": "proven",
        "currency": "USD",
        "budget": [
            {"source": source, "amount": str(money * share // 100), "note": note}
            for source, share, note in zip(("own", "national", "private"), (60, 25, 15), words["note"], strict=True)
        ],
        "running_cost": str(money // 10),
        "beneficiaries": str(story.people),
        "partners": [
            {"name": partner, "kind": kind, "role": role}
            for partner, kind, role in zip(
                words["partner"], ("research", "community", "company"), words["role"], strict=True
            )
        ],
        "risks": [
            {"risk": risk, "likelihood": likelihood, "response": response}
            for risk, likelihood, response in zip(
                words["risk"], ("medium", "low", "medium"), words["response"], strict=True
            )
        ],
        "milestones": [
            {"on": f"{story.year + later}-05-15", "milestone": milestone, "status": "done"}
            for later, milestone in enumerate(words["milestone"][:2])
        ],
        "indicators": [
            {
                "name": story.indicator,
                "unit": one["unit"],
                "baseline": str(story.before),
                "value": str(story.after),
                "on": "2023-12-31",
                "source": one["source"],
            }
        ],
        "links": [{"title": one["link"], "url": f"https://simulated.example.org/{entry.number}"}],
        "earlier_awards": [],
        "references": [],
    }


def _fitting(question: AnyField | Column, entry: PlannedEntry) -> Any:
    """Give an answer that fits the kind of a question that the story does not know."""
    match question:
        case ConsentField():
            return "y"
        case ChoiceField():
            return next(iter(question.choices))
        case ChoicesField():
            return list(question.choices)[: max(1, question.min_choices)]
        case NumberField():
            return str(question.min if question.min is not None else min(1, question.max or 1))
        case DateField():
            return f"{entry.story.year}-01-02"
        case CountryField():
            return entry.organisation.city.country.code
        case EmailField():
            return entry.organisation.email
        case UrlField():
            return f"https://simulated.example.org/{entry.number}"
        case PhoneField():
            return "+82 2 0000 0000"
        case TableField():
            return [{column.key: _fitting(column, entry) for column in question.columns}] * question.least_rows
        case _:
            limit = getattr(question, "max_characters", None) or 2000
            return entry.story.paragraphs["pitch"][:limit]

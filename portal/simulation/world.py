"""The plan of a simulated edition: cities, entries, judges and their scores, all from one seed.

Nothing here touches a database, a clock or global chance: the same seed gives the same plan on every machine and on
every Python version. `drive` takes the plan through the actions that people use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portal.simulation.cities import CITIES, COUNTRIES, City
from portal.simulation.dice import Dice
from portal.simulation.papers import text_pdf
from portal.simulation.people import invent_name
from portal.simulation.plan import (
    CRITERIA,
    FULL_CITIES,
    FULL_COUNTRIES,
    FULL_ENTRIES,
    FULL_JUDGES,
    LEAST_ENTRIES,
    LEAST_JUDGES,
    SEATS,
    Fate,
    PlannedConflict,
    PlannedEntry,
    PlannedFile,
    PlannedJudge,
    PlannedOrganisation,
    Timeline,
    World,
)
from portal.simulation.texts import tell_story
from portal.simulation.topics import TOPICS

_LEADERSHIP_SHARE, _ORGANISATION_SHARE = 28 / 216, 0.15


def build_world(seed: int, entries: int = FULL_ENTRIES, judges: int = FULL_JUDGES) -> World:
    """Plan an edition of this size from a seed.

    216 entries come from exactly 123 cities of 58 countries; other numbers scale. Raises ValueError below 20 entries or
    3 judges: a smaller edition cannot fill its prizes or be judged by more than one person.
    """
    if entries < LEAST_ENTRIES:
        raise ValueError(f"a simulated edition needs at least {LEAST_ENTRIES} entries")
    if judges < LEAST_JUDGES:
        raise ValueError(f"a simulated edition needs at least {LEAST_JUDGES} judges")
    timeline = _timeline()
    cities = _choose_cities(Dice(seed, "cities"), entries)
    slots = _slots(Dice(seed, "slots"), entries)
    places = _place(Dice(seed, "places"), slots, cities)
    fates = _choose_fates(Dice(seed, "fates"), slots)
    organisations = _Organisations({}, set(), set())
    planned = [
        _plan_entry(seed, number, slot, city, fate, organisations, timeline)
        for number, (slot, city, fate) in enumerate(zip(slots, places, fates, strict=True), start=1)
    ]
    left_out = [
        _plan_entry(seed, entries + extra, slot, city, fate, organisations, timeline)
        for extra, (slot, city, fate) in enumerate(_left_out(Dice(seed, "left out"), slots, places), start=1)
    ]
    panel = _choose_judges(Dice(seed, "judges"), judges + 1)
    return World(
        seed=seed,
        slug="2024-sim",
        year=2024,
        timeline=timeline,
        entries=tuple(planned),
        left_out=tuple(left_out),
        judges=panel[:judges],
        declining=panel[judges],
        conflicts=_choose_conflicts(Dice(seed, "conflicts"), planned, panel[:judges]),
    )


# --- Cities and slots -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place for an entry: its category and who may fill it."""

    category: str
    applicant_type: str


def _timeline() -> Timeline:
    """Give the moments of the edition of 2024, Seoul time (UTC+9)."""

    def seoul(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
        return datetime(2024, month, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=9)

    return Timeline(
        call_opens_at=seoul(4, 1, 10),
        call_closes_at=seoul(7, 14, 23, 59, 59),
        screening_ends_at=seoul(7, 26, 18),
        round_1_opens_at=seoul(7, 29, 9),
        round_1_closes_at=seoul(8, 16, 18),
        round_2_opens_at=seoul(8, 26, 9),
        round_2_closes_at=seoul(9, 13, 18),
        approved_at=seoul(9, 24, 15),
        results_at=seoul(10, 10, 16),
    )


def _choose_cities(dice: Dice, entries: int) -> list[City]:
    """Choose the distinct cities, one of each chosen country first; Korea is always among them."""
    country_count = max(2, min(len(COUNTRIES), round(entries * FULL_COUNTRIES / FULL_ENTRIES)))
    city_count = max(country_count, min(len(CITIES), round(entries * FULL_CITIES / FULL_ENTRIES)))
    # No country is counted on for more than four cities, or one large country would fill a small edition.
    size = {country: min(4, sum(city.country == country for city in CITIES)) for country in COUNTRIES}
    others = dice.shuffled([country for country in COUNTRIES if country.code != "KR"])
    chosen = [country for country in COUNTRIES if country.code == "KR"] + others[: country_count - 1]
    spare = others[country_count - 1 :]
    while spare and sum(size[country] for country in chosen) < city_count:
        small = min(chosen, key=lambda country: size[country])
        large = max(spare, key=lambda country: size[country])
        chosen[chosen.index(small)] = large
        spare.remove(large)
    pool = dice.shuffled([city for city in CITIES if city.country in set(chosen)])
    first = [next(city for city in pool if city.country == country) for country in chosen]
    # The second city of every country comes before the third of any, so that no country crowds a small edition.
    turn = dict.fromkeys(chosen, 0)
    rest: list[tuple[int, City]] = []
    for city in pool:
        if city not in first:
            turn[city.country] += 1
            rest.append((turn[city.country], city))
    rest.sort(key=lambda pair: pair[0])
    return dice.shuffled(first + [city for _, city in rest[: city_count - country_count]])


def _slots(dice: Dice, entries: int) -> list[_Slot]:
    """Split the entries over categories and applicant types, in random order."""
    leadership = max(3, round(entries * _LEADERSHIP_SHARE))
    people = (entries - leadership + 1) // 2
    slots = [_Slot("leadership", "individual")] * leadership
    for category, count in (("people-centric", people), ("tech-innovation", entries - leadership - people)):
        each = max(1, round(count * _ORGANISATION_SHARE))
        kinds = {"corporation": each, "institution": each, "city": count - 2 * each}
        slots += [_Slot(category, kind) for kind, number in kinds.items() for _ in range(number)]
    return dice.shuffled(slots)


def _place(dice: Dice, slots: Sequence[_Slot], cities: Sequence[City]) -> list[City]:
    """Give every slot a city: each city at least once, and a city government at most once in a category.

    When there are more entries than that rule allows, cities come again (and their districts enter).
    """
    taken: set[tuple[str, City]] = set()
    places: list[City] = []
    for position, slot in enumerate(slots):
        if position < len(cities):
            city = cities[position]
        else:
            free = [city for city in cities if slot.applicant_type != "city" or (slot.category, city) not in taken]
            city = dice.pick(free or cities)
        if slot.applicant_type == "city":
            taken.add((slot.category, city))
        places.append(city)
    return places


def _choose_fates(dice: Dice, slots: Sequence[_Slot]) -> list[Fate]:
    """Choose who is sent back or refused; enough entries of every kind stay to fill the prizes."""
    spare: dict[_Slot, int] = {}
    for slot in slots:
        spare[slot] = spare.get(slot, -SEATS[slot.applicant_type]) + 1
    fates = [Fate.ELIGIBLE] * len(slots)
    order = dice.shuffled(range(len(slots)))
    refusals = max(1, len(slots) // 24)
    for position in order:
        if refusals and spare[slots[position]] > 0:
            spare[slots[position]] -= 1
            refusals -= 1
            fates[position] = Fate.INELIGIBLE
    untouched = [position for position in order if fates[position] is Fate.ELIGIBLE]
    for position in untouched[: max(1, len(slots) // 18)]:
        fates[position] = Fate.RESUBMITTED
    return fates


def _left_out(dice: Dice, slots: Sequence[_Slot], places: Sequence[City]) -> list[tuple[_Slot, City, Fate]]:
    """Choose a few entries that will not stand: companies of cities that take part anyway."""
    fates = [Fate.DRAFT] * max(1, len(slots) // 40) + [Fate.WITHDRAWN] * max(1, len(slots) // 54)
    categories = [slot.category for slot in slots if slot.category != "leadership"]
    return [(_Slot(dice.pick(categories), "corporation"), dice.pick(places), fate) for fate in fates]


# --- Entries ----------------------------------------------------------------------------------------------------------


def _plan_entry(
    seed: int,
    number: int,
    slot: _Slot,
    city: City,
    fate: Fate,
    organisations: _Organisations,
    timeline: Timeline,
) -> PlannedEntry:
    """Plan one entry; its dice depend on its number only, so that no entry changes when another one does."""
    dice = Dice(seed, "entry", number)
    organisation = _organisation(dice, number, slot, city, organisations)
    language = "ko" if city.language == "ko" else "en"
    topic = dice.pick(TOPICS[slot.category])
    story = tell_story(Dice(seed, "story", number), topic, city, language, str(number))
    span = int((timeline.call_closes_at - timeline.call_opens_at).total_seconds())
    # Most entries come in the last days: the square of a uniform draw, counted back from the deadline.
    before_close = int(span * dice.between(0, 1) ** 2 * 0.95) + 60 + number
    files: tuple[PlannedFile, ...] = ()
    if number % 3 == 1:
        files = tuple(_paper(number, part, city) for part in range(1, 2 + dice.below(2)))
    return PlannedEntry(
        number=number,
        organisation=organisation,
        category=slot.category,
        topic=topic,
        language=language,
        story=story,
        files=files,
        fate=fate,
        # The microseconds keep the moments apart: whatever orders entries by them has one order only.
        submitted_at=None
        if fate is Fate.DRAFT
        else timeline.call_closes_at - timedelta(seconds=before_close, microseconds=number),
        quality=6.0 + dice.bell(1.2),
        strengths={criterion: dice.bell(0.5) for criterion in CRITERIA},
    )


@dataclass(frozen=True, slots=True)
class _Organisations:
    """Who has been invented so far, which city governments have entered which category, and which names are taken."""

    known: dict[str, PlannedOrganisation]
    entered: set[tuple[str, str]]
    nominated: set[str]


def _organisation(
    dice: Dice, number: int, slot: _Slot, city: City, organisations: _Organisations
) -> PlannedOrganisation:
    """Give the city's government (one per city), or invent a company, an institution or a nominated person.

    A city government enters a category once; further entries of its city come from its districts.
    """
    korean = city.language == "ko"
    place = city.name_ko if korean else city.name
    contact = invent_name(dice, city.country.code, city.language)
    name = f"{place}시 (모의)" if korean else f"City of {place} (simulated)"
    key = f"{city.country.code}/{city.name}"
    if slot.applicant_type == "individual" and contact in organisations.nominated:
        contact = f"{contact} {number}"
    organisations.nominated.add(contact)
    if slot.applicant_type != "city":
        name = _invent_organisation(dice, slot.applicant_type, place, contact, number, korean)
        key = str(number)
    elif (key, slot.category) in organisations.entered:
        name = f"{place}시 제{number}구 (모의)" if korean else f"District {number} of {place} (simulated)"
        key = str(number)
    organisations.entered.add((key, slot.category))
    if key not in organisations.known:
        email = f"applicant-{number:04d}@simulated.example.org"
        organisations.known[key] = PlannedOrganisation(name, slot.applicant_type, city, contact, email)
    return organisations.known[key]


def _invent_organisation(dice: Dice, kind: str, place: str, person: str, number: int, korean: bool) -> str:
    """Invent the name of a company or institution; a person stands for themselves."""
    if kind == "individual":
        return f"{person} (모의)" if korean else f"{person} (simulated)"
    if korean:
        words = ("시스템", "데이터랩", "모빌리티") if kind == "corporation" else ("연구원", "재단", "진흥원")
        return f"{place} 스마트{dice.pick(words)} {number} (모의)"
    if kind == "corporation":
        noun = dice.pick(("Systems", "Mobility", "Data Works", "Analytics", "Energy"))
    else:
        noun = dice.pick(("Institute of Technology", "Foundation", "Open Lab", "Agency for Innovation"))
    return f"{place} {noun} {number} (simulated)"


def _paper(number: int, part: int, city: City) -> PlannedFile:
    """Write an attachment that says what it is."""
    lines = [
        "SIMULATED DOCUMENT",
        f"Entry {number}, paper {part}: {city.name}",
        "This file was made by a program. It describes no real project.",
    ]
    return PlannedFile(f"evidence-{number:04d}-{part}.pdf", "application/pdf", text_pdf(lines))


# --- Judges -----------------------------------------------------------------------------------------------------------


def _choose_judges(dice: Dice, count: int) -> tuple[PlannedJudge, ...]:
    """Invent judges of different countries (as far as there are), the first one Korean."""
    others = dice.shuffled([country for country in COUNTRIES if country.code != "KR"])
    korea = [country for country in COUNTRIES if country.code == "KR"]
    themes = sorted({theme for topics in TOPICS.values() for topic in topics for theme in topic.themes})
    countries = korea + others
    judges: list[PlannedJudge] = []
    for number in range(1, count + 1):
        country = countries[(number - 1) % len(countries)]
        languages = dict.fromkeys(("en", country.language, *(["ko"] if number % 3 == 2 else [])))
        judges.append(
            PlannedJudge(
                number=number,
                name=invent_name(dice, country.code, country.language),
                email=f"judge-{number:03d}@simulated.example.org",
                country=country,
                languages=tuple(languages),
                expertise=tuple(sorted(dice.sample(themes, 4))),
                severity=dice.bell(0.5),
                declines=number == count,
            )
        )
    return tuple(judges)


def _choose_conflicts(
    dice: Dice, entries: Iterable[PlannedEntry], judges: Sequence[PlannedJudge]
) -> tuple[PlannedConflict, ...]:
    """Let every second judge declare one conflict, with an entry that stays in the running."""
    running = [entry for entry in entries if entry.fate in (Fate.ELIGIBLE, Fate.RESUBMITTED)]
    return tuple(
        PlannedConflict(judge.number, entry.number, dice.pick(("work", "money", "family", "advised")))
        for judge, entry in zip(judges[1::2], dice.sample(running, len(judges)), strict=False)
    )

"""A case as it stands on paper: all its words in the reader's language, ready for ``case.typ``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import current_app, get_template_attribute
from flask_babel import gettext
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from portal.config import Licence
from portal.i18n import choose
from portal.library import answers
from portal.library.cities import Inhabitants, inhabitants_of
from portal.library.details import Details, Indicator, Reach, Texts
from portal.library.labels import award_texts, rank_texts
from portal.library.models import Case, CaseText
from portal.library.pages.reading import by_subject, details_of, money, partial_day, quantity, word_of
from portal.library.regions import income_of, region_of
from portal.markdown import parse
from portal.templating import day, number
from portal.web import language, portal

Json = dict[str, Any]


def case_on_paper(case: Case, *, now: datetime) -> Json:
    """Return a case with its facts and sources as JSON values; ``now`` is when the reader asked for it."""
    tag, locale = language().tag, language().locale
    chosen = answers.title_in(case, tag)
    text = next(one for one in case.texts if one.language == chosen.language)
    told, city = details_of(case), answers.city_in(case, tag)
    site = current_app.extensions["site_for_templates"]()
    rank = _said("components/badge.html", "rank_label", case.rank) if case.rank else ""
    category = _said("components/chip.html", "category_label", case.category) if case.category else ""
    themes = [_said("components/chip.html", "theme_label", theme) for theme in case.themes]
    return {
        "language": tag, "told": chosen.language, "rtl": language().dir == "rtl",
        "site": site.name, "library": gettext("Case library"), "author": case.organisation or city,
        "address": f"{portal().settings.site_url}/c/{case.id}",
        "title": chosen.text, "summary": text.summary, "keywords": themes,
        "place": " · ".join((city, _country(case.country), str(case.year))),
        "labels": [one for one in (rank, category, *themes) if one],
        "mark": gettext("Simulated data") if case.simulated else "",
        "simulated": _box(
            gettext("Simulated data"),
            gettext(
                "Everything on this page was made by the simulator. "
                "No city, person or prize shown here is a real winner."
            ),
        ) if case.simulated else None,
        "fallback": gettext(
            "This text is not available in your language yet. It is shown in %(language)s.",
            language=locale.languages.get(chosen.language.replace("-", "_"), chosen.language),
        ) if chosen.is_fallback else None,
        "doubt": _box(
            gettext("Confirmed in part"),
            choose(case.certainty_notes, tag).text
            or gettext("The source does not state everything that is said here."),
        ) if case.certainty != "sure" else None,
        "parts": [part for part in _parts(case, text, told) if any(part[name] for name in _CONTENTS)],
        "facts_title": gettext("Facts"), "facts": _facts(case, told, city),
        "sources_title": gettext("Sources"), "sources_note": _sources_note(case),
        "sources": [{"title": one.title, "url": one.url or None} for one in case.sources],
        "without_address": gettext("(text without a public address)"),
        "ends": _ends(case, portal().settings.data_licence, now),
        "changed": [case.changed_at.year, case.changed_at.month, case.changed_at.day],
        "stamp": int(case.changed_at.timestamp()),
    }  # fmt: skip


def _said(template: str, macro: str, value: str | int) -> str:
    """Return the words that pages show for a value."""
    return Markup(get_template_attribute(template, macro)(value)).striptags()


def _plain(shown: str | Markup) -> str:
    return shown.striptags() if isinstance(shown, Markup) else shown


def _country(code: str) -> str:
    return language().locale.territories.get(code, code)


def _box(title: str, text: str) -> Json:
    return {"title": title, "text": text}


def _text(texts: Texts) -> str:
    return choose(texts, language().tag).text


def _measured(value: Any, unit: Texts) -> str:
    name = _text(unit)
    return quantity(value) + (name if name == "%" else f" {name}" if name else "")


#: What a part may hold.
_CONTENTS = ("blocks", "facts", "table", "subjects")


def _part(title: str, markdown: str = "", **more: Any) -> Json:
    return {"title": title, "blocks": blocks(markdown), "facts": [], "table": None, "subjects": [], **more}


def _parts(case: Case, text: CaseText, told: Details) -> Iterable[Json]:
    """Give the parts of a case in the order of its page."""
    yield _part(gettext("The problem"), text.problem)
    yield _part(gettext("The solution"), text.solution)
    reach = [_reach(case, told.reach)] if told.reach else []
    yield _part(gettext("What came of it"), text.outcomes, facts=reach, table=_table(case, told.indicators))
    means = [_fact(case, gettext("Budget"), _budget(told), told.budget.source)] if told.budget else []
    if told.partners:
        means.append(_fact(case, gettext("Partners"), ", ".join(told.partners)))
    if told.technologies:
        means.append(_fact(case, gettext("Technology"), ", ".join(map(_text, told.technologies))))
    yield _part(gettext("What it took"), facts=means)
    whom = [_fact(case, None, ", ".join(word_of(one, "target_groups") for one in told.target_groups))]
    goals = [_fact(case, str(one), word_of(one, "sdgs")) for one in told.sdgs]
    yield _part(gettext("For whom, and for which goals"), facts=(whom if told.target_groups else []) + goals)
    yield _part(gettext("Lessons"), text.lessons)
    yield _part(gettext("More about this case"), text.body)
    yield _part(
        gettext("Who took it up"),
        facts=[
            _fact(case, None, f"{one.city}, {_country(one.country)}", one.source, str(one.year or ""))
            for one in told.followers
        ],
    )
    yield _part(gettext("What sources say"), subjects=_subjects(case, told))


def _fact(case: Case, label: str | None, value: str, source: int | None = None, date: str = "") -> Json:
    when = f" ({_plain(partial_day(date))})" if date else ""
    return {"label": label, "value": value + when, "source": _place(case, source)}


def _reach(case: Case, reach: Reach) -> Json:
    said = _said("library/_details.html", "people_reached", reach.people)
    return _fact(case, None, said, reach.source, reach.date)


def _place(case: Case, source: int | None) -> int | None:
    """Return the number under which a source is listed, if it is."""
    return source + 1 if source is not None and source < len(case.sources) else None


def _budget(told: Details) -> str:
    if told.budget is None:
        return ""
    return money(told.budget) + (f" ({told.budget.years})" if told.budget.years else "")


def _table(case: Case, indicators: Sequence[Indicator]) -> Json | None:
    if not indicators:
        return None
    unknown = gettext("not stated")
    return {
        "head": [gettext("What was measured"), gettext("Before"), gettext("After"), gettext("As of")],
        "rows": [
            {
                "name": _text(one.name), "source": _place(case, one.source), "after": _measured(one.value, one.unit),
                "before": unknown if one.baseline is None else _measured(one.baseline, one.unit)
                + (f" ({_plain(partial_day(one.baseline_date))})" if one.baseline_date else ""),
                "when": _plain(partial_day(one.date)) if one.date else unknown,
            }
            for one in indicators
        ],
    }  # fmt: skip


def _subjects(case: Case, told: Details) -> list[Json]:
    return [
        {
            "name": _text(subject.name),
            "statements": [
                {
                    "text": _text(one.text), "source": _place(case, one.source),
                    "note": " · ".join(
                        note for note in (
                            _plain(partial_day(one.date)) if one.date else "",
                            gettext("not among the listed sources") if one.source is None else "",
                        ) if note
                    ),
                }
                for one in subject.statements
            ],
        }
        for subject in by_subject(told.statements)
    ]  # fmt: skip


def _people(found: Inhabitants | None) -> str:
    if found is None:
        return ""
    return f"{number(found.people)} ({found.counted_by})" if found.source else number(found.people)


def _facts(case: Case, told: Details, city: str) -> list[Json]:
    tag, income = language().tag, told.income or income_of(case.country)
    people = inhabitants_of(case.city, case.country, told.population)
    pairs = [
        (gettext("City"), city),
        (gettext("Country"), _country(case.country)),
        (gettext("Region"), word_of(region_of(case.country), "regions")),
        (gettext("Population"), _people(people)),
        (gettext("Income of the country"), word_of(income, "income_bands") if income else ""),
        (gettext("Organisation"), case.organisation if case.organisation != city else ""),
        (gettext("Year"), str(case.year)),
        (gettext("Award"), choose(award_texts(case.award), tag).text),
        (gettext("As the source says"), choose(rank_texts(case.rank_text), tag).text),
        (gettext("Kind of case"), _said("library/_words.html", "kind_label", case.kind)),
    ]
    return [{"label": label, "value": value} for label, value in pairs if value]


def _sources_note(case: Case) -> str | None:
    if case.simulated:
        return gettext("This case was made by the simulator and has no source.")
    if case.sources:
        return None
    if case.organisation and case.edition_slug and case.kind == "prize-entry":
        results = gettext("Results %(year)s", year=case.year)
        return gettext(
            "The applicant's own entry, published on this site by the secretariat: %(results)s", results=results
        )
    return gettext("No source with a public address is known.")


def _ends(case: Case, licence: Licence, now: datetime) -> list[Json]:
    """Return what stands last: where the case can be found, which state of it this is, and how it may be used."""
    address = f"{portal().settings.site_url}/c/{case.id}"
    lines = [
        (gettext("Permanent address:"), address, address),
        (
            gettext(
                "Version %(number)s of %(changed)s, retrieved on %(today)s.", number=case.version,
                changed=_plain(day(case.changed_at)), today=_plain(day(now)),
            ), None, None,
        ),
        (
            gettext(
                "The data may be used under %(licence)s. Texts quote their sources, which belong to their publishers.",
                licence=licence.name,
            ), licence.address, licence.address,
        ),
    ]  # fmt: skip
    return [{"text": text, "url": url, "shown": shown} for text, url, shown in lines]


def blocks(markdown: str) -> list[Json]:
    """Return Markdown as blocks of plain words with their emphasis and links."""
    return [block for node in parse(markdown).children for block in _block(node)] if markdown.strip() else []


def _block(node: SyntaxTreeNode) -> list[Json]:
    inner = [block for child in node.children if child.type != "inline" for block in _block(child)]
    if node.type in ("bullet_list", "ordered_list"):
        items = [[block for child in item.children for block in _block(child)] for item in node.children]
        return [{"kind": "list", "ordered": node.type == "ordered_list", "items": items}]
    if node.type == "table":
        rows = [
            [_runs(cell.children[0]) if cell.children else [] for cell in row.children]
            for part in node.children for row in part.children
        ]  # fmt: skip
        return [{"kind": "table", "columns": len(rows[0]), "rows": rows}]
    if node.type == "blockquote":
        return [{"kind": "quote", "blocks": inner}]
    if node.type in ("code_block", "fence"):
        return [{"kind": "paragraph", "runs": [{"text": node.content}]}]
    runs = [run for child in node.children if child.type == "inline" for run in _runs(child)]
    if node.type == "heading":
        return [{"kind": "heading", "level": max(3, int(node.tag[1:]) + 1), "runs": runs}]
    return [{"kind": "paragraph", "runs": runs}, *inner] if runs else inner


_EMPHASIS = {"strong": "bold", "em": "italic"}


def _runs(node: SyntaxTreeNode, **style: Any) -> list[Json]:
    runs: list[Json] = []
    for child in node.children:
        if child.type in ("softbreak", "hardbreak"):
            runs.append({"text": "\n" if child.type == "hardbreak" else " "})
        elif child.type in ("text", "code_inline"):
            runs.append({"text": child.content, **style})
        else:
            more: Json = {_EMPHASIS[child.type]: True} if child.type in _EMPHASIS else {}
            address = str(child.attrs.get("href", ""))
            if address.startswith(("https://", "http://", "mailto:")):
                more["url"] = address
            runs += _runs(child, **{**style, **more})
    return runs

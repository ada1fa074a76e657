"""Setting up an edition: its names, timeline, categories, prizes, criteria and rounds."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from judging.access import Staff
from judging.staff_forms.criteria import criteria_form, criteria_groups, criteria_of
from judging.staff_forms.editions import (
    MOMENT_LABELS,
    NONE,
    categories_form,
    names_form,
    new_category_form,
    new_edition_form,
    new_prize_form,
    prizes_form,
    rounds_form,
    timeline_form,
)
from judging.staff_forms.fields import TYPE_LABELS, texts_of
from judging.staff_views.desk import name_of, posted
from portal import clock
from portal.config import ROOT
from portal.definitions.vocabulary import vocabularies
from portal.editions import actions, queries
from portal.editions.actions.awards import NO_PRIZE
from portal.editions.actions.timeline import moments_of
from portal.editions.models import Criterion, Edition, RuleSet
from portal.editions.rules import criteria_for
from portal.errors import Hidden, Refusal
from portal.forms import PlainAct
from portal.i18n import choose
from portal.web import done, form_page, language, needs, offered_languages, refusals, session, visitor, writing

pages = Blueprint("staff_editions", __name__, url_prefix="/<lang:lang>/staff/editions")

DATA = ROOT / "portal" / "data"


@cache
def _data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found


def _edition(slug: str) -> Edition:
    edition = queries.get_edition_set_up(session(), slug)
    if edition is None:
        raise Hidden
    return edition


def _rules(edition: Edition) -> RuleSet | None:
    return queries.get_newest_rules(session(), edition.id)


@pages.route("/new", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def create() -> ResponseReturnValue:
    """Make an edition from the prize's template."""
    languages = offered_languages()
    form = new_edition_form(languages)(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            edition = actions.create_edition(
                writing(), _data("edition_template.json"), _data("forms.json"), slug=form["slug"].data.strip(),
                year=form["year"].data, names=texts_of(form, "name", languages), by=visitor().id, now=clock.now(),
            )  # fmt: skip
            said = gettext("The edition was made. Only the secretariat can see it until you show it.")
            return done(said, ".show", slug=edition.slug)
    return form_page("staff/create_edition.html", form, writing_languages=languages)


@pages.route("/<slug>/")
@needs(Staff.SET_UP_EDITION)
def show(slug: str) -> ResponseReturnValue:
    """Show how an edition is set up, each part with its way to change it."""
    edition = _edition(slug)
    rules = _rules(edition)
    return render_template(
        "staff/show_edition.html", edition=edition, rules=rules, groups=_groups(edition, rules),
        forms=queries.list_forms(session(), edition.id), moments=moments_of(edition, edition.rounds),
        labels=_moment_labels(edition), writing_languages=offered_languages(), type_labels=TYPE_LABELS,
    )  # fmt: skip


@pages.route("/<slug>/clone", methods=["POST"])
@needs(Staff.SET_UP_EDITION)
def clone(slug: str) -> ResponseReturnValue:
    """Copy an edition for the year after the newest one."""
    edition = _edition(slug)
    every = queries.list_editions(session())
    year = max(one.year for one in every) + 1
    taken, free, number = {one.slug for one in every}, str(year), 2
    while free in taken:
        free, number = f"{year}-{number}", number + 1
    copy = actions.clone_edition(
        writing(), edition, _data("edition_template.json"), _data("forms.json"), slug=free, year=year,
        by=visitor().id, now=clock.now(),
    )  # fmt: skip
    said = gettext("%(name)s was copied. Please check its names and dates before you show it.", name=name_of(edition))
    return done(said, ".show", slug=copy.slug)


@pages.route("/<slug>/publish", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def publish(slug: str) -> ResponseReturnValue:
    """Show an edition to the public."""
    edition = _edition(slug)
    form = PlainAct(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.publish_edition(writing(), edition, by=visitor().id, now=clock.now())
            return done(gettext("The public can see this edition now."), ".show", slug=slug)
    return form_page("staff/publish_edition.html", form, edition=edition)


@pages.route("/<slug>/names", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def names(slug: str) -> ResponseReturnValue:
    """Change names, theme, zone and reading mode."""
    edition, languages = _edition(slug), offered_languages()
    form = names_form(edition, languages)(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.rename_edition(
                writing(), edition, names=_merged(edition.names, texts_of(form, "name", languages)),
                themes=_merged(edition.themes, texts_of(form, "theme", languages)),
                time_zone=form["time_zone"].data, is_blind=form["is_blind"].data, by=visitor().id, now=clock.now(),
            )  # fmt: skip
            return _saved(slug)
    return form_page("staff/edit_names.html", form, edition=edition, writing_languages=languages)


@pages.route("/<slug>/timeline", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def timeline(slug: str) -> ResponseReturnValue:
    """Change the moments of the timeline."""
    edition, languages = _edition(slug), offered_languages()
    moments, labels = moments_of(edition, edition.rounds), _moment_labels(edition)
    form = timeline_form(edition, moments, labels, languages)(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            values: dict[str, Any] = {key: form[key].moment(edition.time_zone) for key in moments}
            values["ceremony_place"] = _merged(edition.ceremony_place, texts_of(form, "place", languages))
            try:
                actions.change_timeline(writing(), edition, by=visitor().id, now=clock.now(), **values)
            except Refusal as refusal:
                refusal.values = {name: labels.get(str(one), one) for name, one in refusal.values.items()}
                raise
            return _saved(slug)
    return form_page("staff/edit_timeline.html", form, edition=edition, moments=moments, writing_languages=languages)


@pages.route("/<slug>/categories", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def categories(slug: str) -> ResponseReturnValue:
    """Change what the categories are called and who may enter them."""
    edition, languages = _edition(slug), offered_languages()
    form = categories_form(edition.categories, languages)(posted())
    if request.method == "POST" and form.validate():
        values = {
            one.key: {
                "names": _merged(one.names, texts_of(form, f"{one.key}_name", languages)),
                "mottos": _merged(one.mottos, texts_of(form, f"{one.key}_motto", languages)),
                "descriptions": _merged(one.descriptions, texts_of(form, f"{one.key}_description", languages)),
                "applicant_types": form[f"{one.key}_applicant_types"].data,
            }
            for one in edition.categories
        }
        with refusals(form):
            actions.change_categories(writing(), edition, values, by=visitor().id, now=clock.now())
            return _saved(slug)
    return form_page(
        "staff/edit_categories.html", form, edition=edition, writing_languages=languages, can_vary=_can_vary(edition),
        missing=_missing_categories(edition),
    )  # fmt: skip


@pages.route("/<slug>/categories/add", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def add_category(slug: str) -> ResponseReturnValue:
    """Add one of the prize's categories that the edition does not have."""
    edition = _edition(slug)
    template = _data("edition_template.json")
    labels = {one["key"]: choose(one["label"], language().tag).text for one in template["categories"]}
    form = new_category_form(_missing_categories(edition), labels)(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.add_category(
                writing(), edition, template, key=form["key"].data,
                applicant_types=form["applicant_types"].data, by=visitor().id, now=clock.now(),
            )  # fmt: skip
            return done(gettext("The category was added with its prizes."), ".categories", slug=slug)
    return form_page("staff/add_category.html", form, edition=edition, missing=_missing_categories(edition))


@pages.route("/<slug>/categories/<key>/remove", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def remove_category(slug: str, key: str) -> ResponseReturnValue:
    """Ask once, then remove a category with its prizes."""
    edition = _edition(slug)
    category = next((one for one in edition.categories if one.key == key), None)
    if category is None:
        raise Hidden
    form = PlainAct(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.remove_category(writing(), edition, category, by=visitor().id, now=clock.now())
            return done(gettext("The category was removed."), ".categories", slug=slug)
        edition = _edition(slug)
        category = next(one for one in edition.categories if one.key == key)
    return form_page("staff/remove_category.html", form, edition=edition, category=category)


@pages.route("/<slug>/prizes", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def prizes(slug: str) -> ResponseReturnValue:
    """Change what the prizes are called and how many there are."""
    edition, languages = _edition(slug), offered_languages()
    form = prizes_form(edition.prizes, languages)(posted())
    if request.method == "POST" and form.validate():
        values = {
            one.id: {
                "quota": form[f"quota_{one.id}"].data,
                "names": _merged(one.names, texts_of(form, f"prize_{one.id}_name", languages)),
            }
            for one in edition.prizes
        }
        with refusals(form):
            actions.change_prizes(writing(), edition, values, by=visitor().id, now=clock.now())
            return _saved(slug)
    return form_page(
        "staff/edit_prizes.html", form, edition=edition, writing_languages=languages, rules=_rules(edition),
        type_labels=TYPE_LABELS, can_vary=_can_vary(edition),
    )  # fmt: skip


@pages.route("/<slug>/prizes/add", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def add_prize(slug: str) -> ResponseReturnValue:
    """Add a prize to a category, or a special mention."""
    edition, languages, tag = _edition(slug), offered_languages(), language().tag
    ranks = [(key, choose(words, tag).text) for key, words in vocabularies()["ranks"].items() if key != NO_PRIZE]
    categories = [(one.key, choose(one.names, tag).text) for one in edition.categories]
    form = new_prize_form(categories, ranks, languages)(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.add_prize(
                writing(), edition, rank=form["rank"].data, category_key=_or_none(form["category"].data),
                applicant_type=_or_none(form["applicant_type"].data), quota=form["quota"].data,
                names=texts_of(form, "name", languages), by=visitor().id, now=clock.now(),
            )  # fmt: skip
            return done(gettext("The prize was added."), ".prizes", slug=slug)
    return form_page("staff/add_prize.html", form, edition=edition, writing_languages=languages)


@pages.route("/<slug>/prizes/<prize_id>/remove", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def remove_prize(slug: str, prize_id: str) -> ResponseReturnValue:
    """Ask once, then remove a prize."""
    edition = _edition(slug)
    prize = next((one for one in edition.prizes if one.id == prize_id), None)
    if prize is None:
        raise Hidden
    form = PlainAct(posted())
    if request.method == "POST" and form.validate():
        with refusals(form):
            actions.remove_prize(writing(), edition, prize, by=visitor().id, now=clock.now())
            return done(gettext("The prize was removed."), ".prizes", slug=slug)
        edition = _edition(slug)
        prize = next(one for one in edition.prizes if one.id == prize_id)
    return form_page("staff/remove_prize.html", form, edition=edition, prize=prize)


@pages.route("/<slug>/criteria", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def criteria(slug: str) -> ResponseReturnValue:
    """Change the criteria, their weights and guidance: every save is a new version of the rule set."""
    edition, languages = _edition(slug), offered_languages()
    rules = _rules(edition)
    groups = criteria_groups(rules.criteria if rules else [], edition.categories)
    built = criteria_form(groups, languages, rules.aggregation if rules else "mean", rules.scale_max if rules else 10)
    form = built(posted())
    if request.method == "POST" and form.validate():
        drafts = criteria_of(form, groups, languages)
        with refusals(form):
            actions.change_criteria(
                writing(), edition, drafts, by=visitor().id, now=clock.now(), aggregation=form["aggregation"].data,
                scale_max=form["scale_max"].data,
            )  # fmt: skip
            return _saved(slug)
    return form_page(
        "staff/edit_criteria.html", form, edition=edition, writing_languages=languages, rules=rules, groups=groups
    )


@pages.route("/<slug>/rounds", methods=["GET", "POST"])
@needs(Staff.SET_UP_EDITION)
def rounds(slug: str) -> ResponseReturnValue:
    """Change how many judges read each entry and how many finalists go on."""
    edition = _edition(slug)
    form = rounds_form(edition.rounds)(posted())
    if request.method == "POST" and form.validate():
        values = {
            one.number: {
                "reviews_per_entry": form[f"round_{one.number}_reviews"].data,
                "finalists": form[f"round_{one.number}_finalists"].data,
            }
            for one in edition.rounds
        }
        with refusals(form):
            actions.change_rounds(writing(), edition, values, by=visitor().id, now=clock.now())
            return _saved(slug)
    return form_page("staff/edit_rounds.html", form, edition=edition)


def _can_vary(edition: Edition) -> bool:
    """Tell whether categories and prizes can still come and go, for links; the acts decide."""
    return edition.call_opens_at is None or clock.now() < edition.call_opens_at


def _missing_categories(edition: Edition) -> list[str]:
    """Return the keys of the prize's categories that the edition does not have."""
    there = {one.key for one in edition.categories}
    return [one["key"] for one in _data("edition_template.json")["categories"] if one["key"] not in there]


def _or_none(chosen: str) -> str | None:
    return None if chosen == NONE else chosen


def _saved(slug: str) -> ResponseReturnValue:
    return done(gettext("Saved."), ".show", slug=slug)


def _merged(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return texts with the typed languages replaced; languages that are not offered any more are kept."""
    return {**old, **new}


def _groups(edition: Edition, rules: RuleSet | None) -> list[tuple[str, list[str], list[Criterion], int]]:
    """Return (group, keys of its categories, criteria, sum of the weights) for reading."""
    if rules is None:
        return []
    found = []
    for group, listed in criteria_groups(rules.criteria, edition.categories).items():
        keys = [
            one.key
            for one in edition.categories
            if criteria_for(rules.criteria, one.key) == list(listed)
        ]  # fmt: skip
        found.append((group, keys, list(listed), sum(one.weight for one in listed)))
    return found


def _moment_labels(edition: Edition) -> dict[str, Any]:
    labels = dict(MOMENT_LABELS)
    for one in edition.rounds:
        labels[f"round_{one.number}_opens_at"] = gettext("Round %(number)s opens", number=one.number)
        labels[f"round_{one.number}_closes_at"] = gettext("Round %(number)s closes", number=one.number)
    return labels

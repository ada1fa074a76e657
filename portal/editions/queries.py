"""Reads of editions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.definitions.models import FormDefinition
from portal.editions.models import Edition, RuleSet


def get_edition(session: Session, slug: str) -> Edition | None:
    """Return an edition with its categories."""
    query = select(Edition).where(Edition.slug == slug).options(selectinload(Edition.categories))
    return session.scalars(query).one_or_none()


def get_edition_set_up(session: Session, slug: str) -> Edition | None:
    """Return an edition with its categories, prizes and rounds."""
    query = select(Edition).where(Edition.slug == slug)
    query = query.options(
        selectinload(Edition.categories), selectinload(Edition.prizes), selectinload(Edition.rounds)
    )  # fmt: skip
    return session.scalars(query).one_or_none()


def get_edition_with_rounds(session: Session, slug: str) -> Edition | None:
    """Return an edition with its rounds: what every desk of the secretariat shows."""
    return session.scalars(
        select(Edition).where(Edition.slug == slug).options(selectinload(Edition.rounds))
    ).one_or_none()


def list_editions(session: Session) -> list[Edition]:
    """Return all editions for the secretariat, newest first, with their rounds."""
    query = select(Edition).order_by(Edition.year.desc(), Edition.slug.desc()).options(selectinload(Edition.rounds))
    return list(session.scalars(query))


def get_newest_rules(session: Session, edition_id: str) -> RuleSet | None:
    """Return the newest version of an edition's rule set with its criteria."""
    newest = select(func.max(RuleSet.version)).where(RuleSet.edition_id == edition_id).scalar_subquery()
    query = select(RuleSet).where(RuleSet.edition_id == edition_id, RuleSet.version == newest)
    return session.scalars(query.options(joinedload(RuleSet.criteria))).unique().one_or_none()


def list_forms(session: Session, edition_id: str) -> list[FormDefinition]:
    """Return the newest version of each entry form of an edition."""
    query = select(FormDefinition).where(FormDefinition.edition_id == edition_id).order_by(FormDefinition.version)
    return list({form.key: form for form in session.scalars(query)}.values())


def list_public_editions(session: Session, *, simulated: bool = False) -> list[Edition]:
    """Return the editions that the public may see, newest first; simulated ones only when asked for."""
    query = select(Edition).where(Edition.is_published).order_by(Edition.year.desc(), Edition.slug)
    if not simulated:
        query = query.where(~Edition.simulated)
    return list(session.scalars(query))


def get_open_edition(session: Session, *, now: datetime) -> Edition | None:
    """Return the published edition whose call for entries is open now; a real one before a simulated one."""
    query = (
        select(Edition)
        .where(Edition.is_published, Edition.call_opens_at <= now, Edition.call_closes_at > now)
        .order_by(Edition.simulated, Edition.call_closes_at, Edition.slug)
        .limit(1)
        .options(selectinload(Edition.categories))
    )
    return session.scalars(query).first()


def get_call_edition(session: Session, *, now: datetime) -> Edition | None:
    """Return the edition that the page of the call shows: the open one, else the next, else the one closed last."""
    is_open = (Edition.call_opens_at <= now) & (Edition.call_closes_at > now)
    is_ahead = Edition.call_opens_at > now
    query = (
        select(Edition)
        .where(Edition.is_published, Edition.call_opens_at.is_not(None), Edition.call_closes_at.is_not(None))
        .order_by(
            case((is_open, 0), (is_ahead, 1), else_=2),
            Edition.simulated,
            case((is_ahead, Edition.call_opens_at)),
            Edition.call_closes_at.desc(),
            Edition.slug,
        )
        .limit(1)
        .options(selectinload(Edition.categories), selectinload(Edition.prizes), selectinload(Edition.rounds))
    )
    return session.scalars(query).first()


def list_moments(session: Session) -> list[datetime]:
    """Return the moments at which pages about editions change by themselves."""
    columns = (Edition.call_opens_at, Edition.call_closes_at, Edition.ceremony_at, Edition.results_at)
    return [moment for row in session.execute(select(*columns)) for moment in row if moment is not None]

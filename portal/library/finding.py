"""Finding cases: the index answers, or the database itself while there is no usable index."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database
from portal.library import queries
from portal.library.documents import document_of
from portal.library.models import Case, TextVector
from portal.library.search.encoding import Encoder, NoEncoder, RemoteEncoder, Vectors, key_of, models, pack, unpack
from portal.library.search.korean import Lexicon
from portal.library.search.meanings import Meanings, Near, least_nearness
from portal.library.search.memory import MemoryEngine
from portal.library.search.patterns import Question
from portal.library.search.port import (
    MOST_PER_PAGE,
    CaseDocument,
    Hit,
    Holding,
    IndexBehind,
    KeptGeneration,
    KeptIndex,
    Reach,
    SearchPage,
    SearchQuery,
    SearchUnavailable,
    Sort,
    version_of,
)
from portal.library.search.postgres_engine import PostgresEngine
from portal.library.search.questions import question_of
from portal.library.search.whoosh_engine import WhooshEngine

log = logging.getLogger("portal.library")

#: The folder of the library inside the site's index folder.
FOLDER = "library"
#: Most cases of the group found in other languages, and most hits beside which it is looked for.
MOST_ELSEWHERE, MOST_BESIDE = 10, 500
#: How long a process waits before it looks again for vectors that were missing.
SECONDS_TO_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """An answer with its rows: only cases that the public sees at that moment."""

    page: SearchPage
    cases: tuple[tuple[Hit, Case], ...]
    question: Question
    lexicon: Lexicon
    elsewhere: tuple[tuple[Hit, Case], ...] = ()
    """Cases of ``page.elsewhere`` with their rows."""
    is_passing: bool = False
    """The answer is a makeshift of this moment: pages must not keep it."""
    is_wider: bool = False
    """No case holds all the words; these hold most of them."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The meanings of the cases that the library shows, as far as they were known when they were read."""

    holding: Holding
    meanings: Meanings
    missing: bool
    until: float


class Finder:
    """Answers questions about the library of one site."""

    def __init__(self, root: Path, engine: KeptIndex | None = None) -> None:
        self.root = root
        self.engine: KeptIndex = engine or WhooshEngine(root)
        self.encoder: Encoder = RemoteEncoder(root)
        self._fallback: tuple[Holding, MemoryEngine] | None = None
        self._meanings: _Known | None = None
        self._mending = threading.Lock()

    def find(self, session: Session, query: SearchQuery, *, now: datetime, mend: Database | None = None) -> Found:
        """Answer a question with the cases that the public sees at a moment.

        With ``mend``, a missing or damaged index is built again in the background. Raises QueryTooLong.
        """
        holding = queries.get_holding(session, now=now)
        query, page, question, lexicon = self._answer(session, query, holding, now, mend)
        elsewhere, is_whole = self._elsewhere(session, query, question, page, holding, now)
        page = replace(page, elsewhere=tuple(hit for hit, _ in elsewhere))
        rows = queries.list_cases(session, [hit.id for hit in page.hits], now=now)
        cases = tuple((hit, rows[hit.id]) for hit in page.hits if hit.id in rows)
        return Found(
            page, cases, question, lexicon, elsewhere, page.from_database or not is_whole, query.reach is Reach.MOST
        )

    def count(self, session: Session, query: SearchQuery, *, now: datetime) -> int:
        """Return how many cases ``find`` would answer with, those in other languages left out. Raises QueryTooLong."""
        holding = queries.get_holding(session, now=now)
        return self._answer(session, replace(query, per_page=1), holding, now, None)[1].total

    def _answer(
        self, session: Session, query: SearchQuery, holding: Holding, now: datetime, mend: Database | None
    ) -> tuple[SearchQuery, SearchPage, Question, Lexicon]:
        """Answer a question as it was meant: the query that was answered in the end, its page and how it was read."""
        page, lexicon = self._search(session, query, holding, now, mend)
        question = question_of(query, lexicon)
        if not page.total and question.plain and not query.typing:
            # The last word may be the beginning of one.
            begun = replace(query, typing=True)
            longer, lexicon = self._search(session, begun, holding, now, None)
            if longer.total:
                query, page, question = begun, longer, question_of(begun, lexicon)
        if not page.total and not page.suggestion and question.plain and not query.typing:
            query, page, question = self._most(session, query, page, question, holding, now)
        return query, page, question, lexicon

    def _most(
        self,
        session: Session,
        query: SearchQuery,
        page: SearchPage,
        question: Question,
        holding: Holding,
        now: datetime,
    ) -> tuple[SearchQuery, SearchPage, Question]:
        """Answer with the cases that hold most of the words where none holds all of them, whatever the filters.

        Everything is counted anew, so totals and facets are those of what is shown.
        """
        if query.filters():
            bare = SearchQuery(query.text, query.language, per_page=1)
            if self._search(session, bare, holding, now, None)[0].total:
                return query, page, question
        wider = replace(query, reach=Reach.MOST)
        found, lexicon = self._search(session, wider, holding, now, None)
        if not any(count.count for counts in found.facets.values() for count in counts):
            return query, page, question
        return wider, found, question_of(wider, lexicon)

    def _search(
        self, session: Session, query: SearchQuery, holding: Holding, now: datetime, mend: Database | None
    ) -> tuple[SearchPage, Lexicon]:
        try:
            return self.engine.search(query, now=now, holding=holding), self.engine.lexicon(now)
        except SearchUnavailable as problem:
            engine = self._from_database(session, holding, now)
            if mend and not isinstance(problem, IndexBehind):
                log.warning("search index unusable, answering from the database: %s", problem)
                self._mend(mend, now)
            return engine.search(query, now=now), engine.lexicon

    def _elsewhere(
        self,
        session: Session,
        query: SearchQuery,
        question: Question,
        page: SearchPage,
        holding: Holding,
        now: datetime,
    ) -> tuple[tuple[tuple[Hit, Case], ...], bool]:
        """Find cases that say or mean the same in another language; only beside a first page, and not for a place.

        Also tell whether that is all: not while the process that holds the model does not answer.
        """
        wanted = question.plain and question.clauses and query.sort is Sort.RELEVANCE and query.page == 1
        if not wanted or query.typing or query.per_page < 2 or page.total > MOST_BESIDE:
            return (), True
        if question.placed and page.total:
            return (), True
        beside = page.total > 0 and query.reach is Reach.ALL
        near, is_whole = self._near(session, query, question, holding, now, beside=beside)
        here = {hit.id for hit in page.hits}
        if near and page.total > len(here):
            whole, _ = self._search(session, replace(query, per_page=page.total), holding, now, None)
            here = {hit.id for hit in whole.hits}
        others = [one for one in near if one.id not in here][: MOST_ELSEWHERE * 4]
        rows = queries.list_cases(session, [one.id for one in others], now=now) if others else {}
        filters = query.filters()
        found: list[tuple[Hit, Case]] = []
        for one in others:
            case = rows.get(one.id)
            if case is None or (filters and not _passes(case, filters)):
                continue
            told = sorted(text.language for text in case.texts if text.language not in question.languages)
            language = one.language or ("en" if "en" in told else next(iter(told), None))
            if language:
                found.append((Hit(one.id, case.version, language, "summary", round(one.nearness, 6)), case))
        return tuple(found[:MOST_ELSEWHERE]), is_whole

    def _near(
        self,
        session: Session,
        query: SearchQuery,
        question: Question,
        holding: Holding,
        now: datetime,
        *,
        beside: bool,
    ) -> tuple[list[Near], bool]:
        known = self._meanings
        if known is None or known.holding != holding or (known.missing and time.monotonic() > known.until):
            rows, missing = _vectors(session, now)
            until = time.monotonic() + SECONDS_TO_WAIT
            known = self._meanings = _Known(holding, Meanings(rows), missing, until)
        asked = self.encoder.encode_question(query.text) if known.meanings else None
        is_whole = not models() or (not known.missing and (asked is not None or not known.meanings))
        said, words = self._said(session, query, holding, now)
        least = least_nearness(words, beside=beside)
        return known.meanings.near(asked, question.languages, said, least), is_whole

    def _said(
        self, session: Session, query: SearchQuery, holding: Holding, now: datetime
    ) -> tuple[dict[str, float], int]:
        """Tell of cases how much of what the thesaurus knows of a question they say, in whatever language.

        Also tell of how many telling words and expressions the question is.
        """
        abroad = replace(query, reach=Reach.ABROAD, per_page=MOST_PER_PAGE)
        page, lexicon = self._search(session, abroad, holding, now, None)
        question = question_of(abroad, lexicon)
        most = max(1, question.parts) * math.log(1 + max(1, holding.count))
        return {hit.id: hit.score / most for hit in page.hits}, question.parts

    def _from_database(self, session: Session, holding: Holding, now: datetime) -> MemoryEngine:
        known = self._fallback
        if known is None or known[0] != holding:
            documents = [document_of(case) for case in queries.list_library_cases(session, now=now)]
            known = self._fallback = (holding, MemoryEngine(documents, from_database=True))
        return known[1]

    def _mend(self, database: Database, now: datetime) -> None:
        if not self._mending.acquire(blocking=False):
            return

        def work() -> None:
            try:
                follow(database, self.engine, now)
            except Exception:
                log.exception("the search index could not be mended")
            finally:
                self._mending.release()

        threading.Thread(target=work, name="library-mend", daemon=True).start()


def _passes(case: Case, filters: Mapping[str, frozenset[str]]) -> bool:
    values = document_of(case).facet_values()
    return all(chosen.intersection(values[facet]) for facet, chosen in filters.items())


def _vectors(session: Session, now: datetime) -> tuple[list[tuple[str, str, Vectors]], bool]:
    """Return the vectors of the texts that the library shows now, and whether some are missing."""
    keys = {(case, language): key_of(text) for case, language, text in queries.list_short_texts(session, now=now)}
    kept = queries.get_vectors(session, keys.values())
    rows = [(*owner, unpack(kept[key])) for owner, key in keys.items() if key in kept]
    return rows, len(rows) < len(keys)


def remember_meanings(database: Database, encoder: Encoder, most: int) -> bool:
    """Make the vectors of texts that have none yet, at most so many; tell whether some are left.

    Texts whose moment has not come are prepared too: a vector is kept under a hash and tells nobody anything. Raises
    NoEncoder while nobody makes vectors, although a model is installed.
    """
    if not models():
        return False
    with database.open() as session:
        missing = queries.list_texts_without_vector(session, key_of)
    if not missing:
        return False
    chosen = dict(list(missing.items())[:most])
    made = encoder.encode_texts(list(chosen.values()))
    if made is None:
        raise NoEncoder
    with database.transaction() as session:
        for key, row in zip(chosen, made, strict=True):
            session.merge(TextVector(key=key, vector=pack(row)))
    return len(missing) > len(chosen)


@cache
def finder_at(settings: Settings) -> Finder:
    """Return the finder of a site, one per process."""
    root = settings.index / FOLDER
    if settings.search_engine == "postgresql":
        return Finder(root, PostgresEngine(Database(settings.database_url).engine))
    return Finder(root)


def follow(database: Database, engine: KeptIndex, now: datetime) -> bool:
    """Let the index hold what the database shows now and at every planned moment; tell whether anything changed.

    Doing it twice changes nothing. What is to come lies in generations of their own that nobody reads before.
    """
    with database.open() as session:
        passed, coming = queries.list_index_moments(session, now=now)
        changed = _follow_moment(session, engine, passed, now)
        for moment in coming:
            changed = _follow_moment(session, engine, moment, moment) or changed
    engine.retire([passed, *coming])
    return changed


def _follow_moment(session: Session, engine: KeptIndex, valid_from: datetime | None, seen: datetime) -> bool:
    def load(ids: Collection[str]) -> list[CaseDocument]:
        return [document_of(case) for case in queries.list_library_cases(session, now=seen, ids=ids)]

    return engine.follow(valid_from, queries.get_versions(session, now=seen), load)


def rebuild(database: Database, engine: KeptIndex, now: datetime) -> list[KeptGeneration]:
    """Build every generation from nothing, without downtime; return them."""
    built: list[KeptGeneration] = []
    with database.open() as session:
        passed, coming = queries.list_index_moments(session, now=now)
        for valid_from, seen in [(passed, now), *((moment, moment) for moment in coming)]:
            documents = [document_of(case) for case in queries.list_library_cases(session, now=seen)]
            built.append(engine.rebuild(documents, valid_from))
    engine.retire([passed, *coming])
    return built


def list_differences(database: Database, engine: KeptIndex, now: datetime) -> list[str]:
    """Compare ids and versions of database and index, now and at every planned moment; a sentence for each fault."""
    faults: list[str] = []
    with database.open() as session:
        passed, coming = queries.list_index_moments(session, now=now)
        for valid_from, seen in [(passed, now), *((moment, moment) for moment in coming)]:
            when = "now" if seen == now else seen.isoformat(timespec="seconds")
            wanted = queries.get_versions(session, now=seen)
            try:
                generation = engine.generation(seen)
                if seen != now and generation.valid_from != valid_from:
                    faults.append(f"{when}: no generation is prepared")
                    continue
                held = engine.versions(generation)
            except (SearchUnavailable, OSError) as problem:
                faults.append(f"{when}: {problem}")
                continue
            faults += [f"{when}: {case} is missing" for case in sorted(set(wanted) - set(held))]
            faults += [f"{when}: {case} should not be there" for case in sorted(set(held) - set(wanted))]
            faults += [
                f"{when}: {case} is version {version_of(held[case])}, not {version_of(wanted[case])} as last written"
                for case in sorted(set(held) & set(wanted))
                if held[case] != wanted[case]
            ]
    return faults

"""The engine inside PostgreSQL, for sites of several machines: the same words as `tsvector`, found by a GIN index."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.errors import UndefinedTable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from portal.library.search.generations import FORMAT
from portal.library.search.indexing import lexicon_of
from portal.library.search.korean import Lexicon
from portal.library.search.patterns import Pattern, Question
from portal.library.search.port import (
    CaseDocument,
    Facets,
    Hit,
    Holding,
    IndexBehind,
    IndexDamaged,
    IndexMissing,
    SearchPage,
    SearchQuery,
    SearchUnavailable,
    Sort,
)
from portal.library.search.postings import Place, best_places, counts_of, pack, stored, string_phrase
from portal.library.search.preparing import index_cases
from portal.library.search.questions import question_of, read_question
from portal.library.search.ranking import rarity, score, shown
from portal.library.search.spelling import Dictionary, Words, suggest

SCHEMA = f"library_search_{FORMAT}"
"""The index is a cache that can be built anew: it lies beside the tables of the site and has no migrations."""

_LOCK = 7_261_548_390
_TABLES = f"""
CREATE SCHEMA {SCHEMA};
CREATE TABLE {SCHEMA}.generation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    valid_from timestamptz UNIQUE NULLS NOT DISTINCT,
    stamp bigint NOT NULL DEFAULT 0,
    names jsonb NOT NULL,
    holding jsonb NOT NULL
);
CREATE TABLE {SCHEMA}.entry (
    generation bigint NOT NULL REFERENCES {SCHEMA}.generation ON DELETE CASCADE,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    tokens tsvector NOT NULL,
    terms jsonb NOT NULL,
    words text NOT NULL,
    places jsonb NOT NULL,
    facets text[] NOT NULL,
    year integer NOT NULL,
    rank integer NOT NULL,
    titles jsonb NOT NULL,
    any_title text NOT NULL,
    kept bytea NOT NULL,
    PRIMARY KEY (generation, id)
);
ALTER TABLE {SCHEMA}.entry ALTER tokens SET STORAGE EXTERNAL, ALTER terms SET STORAGE EXTERNAL;
CREATE INDEX ON {SCHEMA}.entry USING gin (tokens) WITH (fastupdate = off);
"""
_COLUMNS = "id, version, tokens, terms, words, places, facets, year, rank, titles, any_title, kept"
_INSERT = text(f"""
INSERT INTO {SCHEMA}.entry (generation, {_COLUMNS}) VALUES (
    :generation, :id, :version, array_to_tsvector(CAST(:tokens AS text[])), CAST(:terms AS jsonb), :words,
    CAST(:places AS jsonb), CAST(:facets AS text[]), :year, :rank, CAST(:titles AS jsonb), :any_title, :kept)
""")
_ORDERS = {
    Sort.RELEVANCE: "id",
    Sort.NEWEST: "year DESC, rank, title = '', title COLLATE \"C\", id",
    Sort.PRIZE: "rank, year DESC, title = '', title COLLATE \"C\", id",
    Sort.TITLE: "title = '', title COLLATE \"C\", id",
}


@dataclass(frozen=True, slots=True)
class TableGeneration:
    """One state of the index; it may be read from `valid_from` on, or always when that is None."""

    id: int
    valid_from: datetime | None
    stamp: int
    """Raised with every change, so that what was read may be kept until then."""
    holding: Holding


@dataclass(slots=True)
class _Known:
    """What was read of one state of the index and stays true for it."""

    mark: tuple[int, int]
    counts: dict[str, int] = field(default_factory=dict)
    """How many cases hold a term."""
    rows: dict[str, tuple[int, tuple[Place, ...]]] = field(default_factory=dict)
    """Versions and places of cases."""
    dictionary: Dictionary | None = None


class _Statement:
    """The condition of a question in SQL, with its parameters."""

    def __init__(self, generation: int) -> None:
        self.parameters: dict[str, Any] = {"generation": generation}

    def bind(self, value: Any) -> str:
        """Add a parameter; give its place-holder."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def fits(self, pattern: Pattern) -> str:
        """Write that a pattern fits."""
        lexemes = (f"'{_quoted(term)}'" + (":*" if pattern.prefix else "") for term in pattern.terms)
        condition = f"tokens @@ CAST({self.bind(' & '.join(lexemes))} AS tsquery)"
        if pattern.in_order:
            condition += f" AND strpos(words, {self.bind(string_phrase(pattern.terms))}) > 0"
        return f"({condition})"

    def answers(self, question: Question) -> str:
        """Write that a question is answered."""
        if not question.clauses:
            return "true" if question.empty else "false"
        written = []
        for clause in question.clauses:
            either = " OR ".join(map(self.fits, clause.patterns))
            written.append(f"NOT ({either})" if clause.negative else f"({either})")
        return " AND ".join(written)

    def passes(self, filters: Mapping[str, frozenset[str]]) -> dict[str, str]:
        """Write per filtered facet that a case has one of the chosen values."""
        return {
            facet: f"facets && CAST({self.bind([_facet(facet, value) for value in sorted(values)])} AS text[])"
            for facet, values in filters.items()
        }


def _facet(facet: str, value: str) -> str:
    """Write a value of a facet as it is kept."""
    return f"{facet}={value}"


def _quoted(term: str) -> str:
    return term.replace("\\", "\\\\").replace("'", "''")


class PostgresEngine:
    """Answers from tables that every machine of a site sees; changed in one transaction, so nobody sees half."""

    def __init__(self, engine: Engine) -> None:
        """Name the database."""
        self._engine = engine
        self._kept = _Known((0, 0))
        self._lexicon: tuple[int, Lexicon] = (0, Lexicon())

    def search(self, query: SearchQuery, *, now: datetime, holding: Holding | None = None) -> SearchPage:
        """Answer a question as of a moment; `holding` marks the cases that the database shows at that moment.

        Raises QueryTooLong, and SearchUnavailable when the index is missing, unreadable or holds other cases.
        """
        with self._reading() as connection:
            generation = _current(connection, now)
            if holding is not None and generation.holding != holding:
                raise IndexBehind("the index does not hold what the database shows now")
            return self._answer(connection, generation, query)

    def generation(self, now: datetime) -> TableGeneration:
        """Give the generation that is read at this moment; raises SearchUnavailable."""
        with self._reading() as connection:
            return _current(connection, now)

    def lexicon(self, now: datetime) -> Lexicon:
        """Give the names that are never split at this moment; raises SearchUnavailable."""
        with self._reading() as connection:
            return self._names(connection, _current(connection, now).id)

    def versions(self, generation: TableGeneration) -> dict[str, int]:
        """Give the ids and versions that a generation holds; raises SearchUnavailable when it cannot be read."""
        with self._reading() as connection:
            return _versions(connection, generation.id)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            # Each statement by itself: opening and closing a transaction would be two more ways to the server.
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                raise IndexMissing("no index was built yet") from error
            raise IndexDamaged("the tables of the index cannot be read") from error
        except SQLAlchemyError as error:
            raise IndexDamaged("the tables of the index cannot be read") from error

    def _answer(self, connection: Connection, generation: TableGeneration, query: SearchQuery) -> SearchPage:
        lexicon = self._names(connection, generation.id)
        question = question_of(query, lexicon)
        filters = query.filters()
        found = _find(connection, generation, question, query, filters)
        worth = self._score(connection, generation, question, found)
        order = np.arange(len(found.ids))
        if query.sort is Sort.RELEVANCE and question.clauses:
            order = np.lexsort((-found.years, -worth))
        first = (query.page - 1) * query.per_page
        chosen = order[first : first + query.per_page]
        suggestion = None
        if not found.ids and not question.empty:
            suggestion = suggest(
                query.text,
                self._dictionary(connection, generation),
                lambda asked: _count(connection, generation, read_question(asked, lexicon), filters),
            )
        hits = self._hits(connection, generation, question, query.language, found, chosen, worth)
        return SearchPage(
            hits=hits,
            total=len(found.ids),
            facets=found.facets.ordered(filters),
            suggestion=suggestion,
            page=query.page,
            per_page=query.per_page,
            kept=self._keeping(generation, [hit.id for hit in hits]),
        )

    def _hits(
        self,
        connection: Connection,
        generation: TableGeneration,
        question: Question,
        language: str,
        found: _Found,
        chosen: NDArray[np.intp],
        worth: NDArray[np.float64],
    ) -> tuple[Hit, ...]:
        ids = [found.ids[at] for at in chosen]
        rows = self._rows(connection, generation, ids)
        best = best_places(question, language, [rows[one][1] for one in ids], lambda term: found.values[term][chosen])
        return tuple(
            Hit(one, rows[one][0], *place, shown(value))
            for one, place, value in zip(ids, best, worth[chosen], strict=True)
        )

    def _rows(
        self, connection: Connection, generation: TableGeneration, ids: Collection[str]
    ) -> Mapping[str, tuple[int, tuple[Place, ...]]]:
        """Give versions and places of cases, read once in each state of the index."""
        known = self._known(generation).rows
        unknown = [one for one in ids if one not in known]
        if unknown:
            told = text(
                f"SELECT id, version, places FROM {SCHEMA}.entry WHERE generation = :generation AND id = ANY(:ids)"
            )
            for row in connection.execute(told, {"generation": generation.id, "ids": unknown}):
                known[row.id] = (row.version, tuple((language, field) for language, field in row.places))
        return known

    def _keeping(self, generation: TableGeneration, ids: Sequence[str]) -> Callable[[str], bytes]:
        """Give what reads, all at once and only when it is asked, where the terms stand in the texts of cases."""

        @cache
        def read() -> Mapping[str, bytes]:
            told = text(f"SELECT id, kept FROM {SCHEMA}.entry WHERE generation = :generation AND id = ANY(:ids)")
            try:
                with self._reading() as connection:
                    rows = connection.execute(told, {"generation": generation.id, "ids": list(ids)})
                    return {row.id: bytes(row.kept) for row in rows}
            except SearchUnavailable:
                return {}  # marking can do without

        return lambda identity: read().get(identity, b"")

    def _names(self, connection: Connection, generation: int) -> Lexicon:
        """Give the names of a generation, which stay the same while it stands."""
        if self._lexicon[0] != generation:
            named = text(f"SELECT names FROM {SCHEMA}.generation WHERE id = :id")
            names = connection.execute(named, {"id": generation}).scalar_one()
            self._lexicon = (generation, Lexicon(names))
        return self._lexicon[1]

    def _known(self, generation: TableGeneration) -> _Known:
        """Give what was read of this state; what was read of another is forgotten."""
        mark = (generation.id, generation.stamp)
        known = self._kept
        if known.mark != mark:
            known = self._kept = _Known(mark)
        return known

    def _holding(self, connection: Connection, generation: TableGeneration, terms: Iterable[str]) -> dict[str, int]:
        """Count the cases that hold each of the terms."""
        known = self._known(generation).counts
        unknown = [term for term in dict.fromkeys(terms) if term not in known]
        if unknown:
            statement = _Statement(generation.id)
            counts = ", ".join(
                f"(SELECT count(*) FROM {SCHEMA}.entry WHERE generation = :generation AND "
                f"{statement.fits(Pattern((term,)))})"
                for term in unknown
            )
            row = connection.execute(text(f"SELECT {counts}"), statement.parameters).one()
            known.update(zip(unknown, row, strict=True))
        return known

    def _dictionary(self, connection: Connection, generation: TableGeneration) -> Dictionary:
        known = self._known(generation)
        if known.dictionary is None:
            words = text(
                f"SELECT DISTINCT term FROM {SCHEMA}.entry, unnest(tsvector_to_array(tokens)) term "
                "WHERE generation = :generation AND term LIKE '=%'"
            )
            found = sorted(connection.execute(words, {"generation": generation.id}).scalars())
            known.dictionary = Dictionary([Words(found)], lambda word: self._count_word(generation, word))
        return known.dictionary

    def _count_word(self, generation: TableGeneration, word: str) -> int:
        with self._engine.connect() as connection:
            return self._holding(connection, generation, [word])[word]

    def _score(
        self, connection: Connection, generation: TableGeneration, question: Question, found: _Found
    ) -> NDArray[np.float64]:
        if not found.ids or not question.clauses:
            return np.zeros(len(found.ids))
        holding = self._holding(connection, generation, found.values)
        worth = score(
            question,
            lambda pattern: found.fitting[pattern],
            lambda term: counts_of(found.values[term]),
            lambda term: rarity(holding[term], generation.holding.count),
            found.ranks,
        )
        return np.broadcast_to(np.asarray(worth, np.float64), len(found.ids))

    def rebuild(self, documents: Iterable[CaseDocument], valid_from: datetime | None) -> TableGeneration:
        """Build a generation from nothing and put it in the place of one of the same moment."""
        with self._writing() as connection:
            number = _build(connection, list(documents), valid_from)
            return _read_generation(connection, "id = :id", {"id": number})

    def follow(
        self,
        moment: datetime | None,
        wanted: Mapping[str, int],
        load: Callable[[Collection[str]], Iterable[CaseDocument]],
    ) -> bool:
        """Make the generation of a moment hold exactly the wanted ids and versions; tell whether anything changed.

        Doing it twice changes nothing. Only what differs from the nearest older generation is written anew; the whole
        is built again when there is none, or when a name came that was not kept whole before.
        """
        with self._writing() as connection:
            try:
                base = _read_generation(
                    connection, "valid_from IS NULL OR valid_from <= CAST(:moment AS timestamptz)", {"moment": moment}
                )
            except IndexMissing:
                _build(connection, list(load(list(wanted))), moment)
                return True
            held = _versions(connection, base.id)
            same = base.valid_from == moment
            if same and held == dict(wanted):
                return False
            changed = [identity for identity, version in wanted.items() if held.get(identity) != version]
            documents = list(load(changed))
            lexicon = self._names(connection, base.id)
            if not lexicon.covers(lexicon_of(documents)):
                _build(connection, list(load(list(wanted))), moment)
                return True
            number = base.id if same else _copy(connection, base.id, lexicon, moment)
            gone = [*(set(held) - set(wanted)), *changed]
            connection.execute(
                text(f"DELETE FROM {SCHEMA}.entry WHERE generation = :generation AND id = ANY(:ids)"),
                {"generation": number, "ids": gone},
            )
            _insert(connection, number, lexicon, documents)
            _stamp(connection, number)
        return True

    def retire(self, keep: Collection[datetime | None]) -> None:
        """Remove the generations of all other moments: those the clock has passed and those no longer planned."""
        with self._writing() as connection:
            rows = connection.execute(text(f"SELECT id, valid_from FROM {SCHEMA}.generation")).all()
            gone = [row.id for row in rows if row.valid_from not in keep]
            connection.execute(text(f"DELETE FROM {SCHEMA}.generation WHERE id = ANY(:gone)"), {"gone": gone})

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Open the transaction of the only writer, with the tables made where they are missing."""
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            named = text("SELECT nspname FROM pg_namespace WHERE nspname ~ '^library_search_[0-9]+$'")
            names = set(connection.execute(named).scalars())
            if SCHEMA not in names:
                for older in names:
                    connection.execute(text(f"DROP SCHEMA {older} CASCADE"))
                connection.execute(text(_TABLES))
            yield connection


@dataclass(frozen=True, slots=True)
class _Found:
    """All matches that pass the filters, in the order of ids or of the asked sort, column by column."""

    ids: Sequence[str]
    years: NDArray[np.int64]
    ranks: NDArray[np.int64]
    values: Mapping[str, NDArray[np.uint64]]
    fitting: Mapping[Pattern, NDArray[np.bool_]]
    facets: Facets


def _read_generation(connection: Connection, condition: str, parameters: Mapping[str, Any]) -> TableGeneration:
    row = connection.execute(
        text(
            # Compiling takes longer than any of these questions.
            "SELECT id, valid_from, stamp, holding, set_config('jit', 'off', false) "
            f"FROM {SCHEMA}.generation WHERE {condition} "
            "ORDER BY valid_from DESC NULLS LAST LIMIT 1"
        ),
        parameters,
    ).one_or_none()
    if row is None:
        raise IndexMissing("no generation has begun")
    return TableGeneration(row.id, row.valid_from, row.stamp, Holding(*row.holding))


def _current(connection: Connection, now: datetime) -> TableGeneration:
    return _read_generation(connection, "valid_from IS NULL OR valid_from <= :now", {"now": now})


def _versions(connection: Connection, generation: int) -> dict[str, int]:
    held = text(f"SELECT id, version FROM {SCHEMA}.entry WHERE generation = :generation")
    return {row.id: row.version for row in connection.execute(held, {"generation": generation})}


def _find(
    connection: Connection,
    generation: TableGeneration,
    question: Question,
    query: SearchQuery,
    filters: Mapping[str, frozenset[str]],
) -> _Found:
    statement = _Statement(generation.id)
    patterns = list(dict.fromkeys(one for clause in question.clauses if not clause.negative for one in clause.patterns))
    terms = list(dict.fromkeys(term for pattern in patterns if not pattern.prefix for term in pattern.terms))
    told = [pattern for pattern in patterns if pattern.prefix or pattern.in_order]
    asked = bool(question.clauses)
    columns = []
    for number, term in enumerate(terms):
        count = f"CAST(held.terms ->> CAST({statement.bind(term)} AS text) AS bigint)"
        columns.append(f"coalesce({count}, 0) AS t{number}")
    columns += [f"{statement.fits(pattern)} AS f{number}" for number, pattern in enumerate(told)]
    passes = statement.passes(filters)
    columns += [f"{condition} AS has_{facet}" for facet, condition in passes.items()]
    language = statement.bind(query.language)
    columns.append(
        f"coalesce(nullif(titles ->> CAST({language} AS text), ''), nullif(titles ->> 'en', ''), any_title) AS title"
    )
    every = " AND ".join(f"has_{facet}" for facet in passes) or "true"
    aside = "".join(
        f" WHEN '{facet}' THEN " + (" AND ".join(f"has_{other}" for other in passes if other != facet) or "true")
        for facet in passes
    )
    counted = f"CASE split_part(one.held, '=', 1){aside} ELSE {every} END" if passes else "true"
    order = _ORDERS[Sort.NEWEST if query.sort is Sort.RELEVANCE and not asked else query.sort]
    kept = ["id", "year", "rank"]
    kept += [f"t{number}" for number in range(len(terms))] + [f"f{number}" for number in range(len(told))]
    arrays = ", ".join(f"array_agg({name} ORDER BY {order}) AS {name}" for name in kept)
    row = connection.execute(
        text(f"""
        WITH matched AS MATERIALIZED (
            SELECT id, year, rank, facets, {", ".join(columns)} FROM {SCHEMA}.entry,
                -- a value of its own: else it would be fetched anew for every term
                LATERAL (SELECT entry.terms || '{{}}' AS terms OFFSET 0) held
            WHERE generation = :generation AND {statement.answers(question)}
        )
        SELECT kept.*, (
            SELECT json_agg(json_build_array(held, count)) FROM (
                SELECT one.held, count(*) FROM matched, unnest(facets) one (held) WHERE {counted} GROUP BY 1
            ) counts
        ) AS counts FROM (SELECT {arrays} FROM matched WHERE {every}) kept
        """),
        statement.parameters,
    ).one()
    found = row._mapping
    facets = Facets()
    for held, count in found["counts"] or ():
        facet, _, value = held.partition("=")
        facets.counts[facet][value] = count
    values = {term: np.array(found[f"t{number}"] or [], np.uint64) for number, term in enumerate(terms)}
    fitting = {pattern: np.array(found[f"f{number}"] or [], np.bool_) for number, pattern in enumerate(told)}
    for pattern in patterns:
        if pattern not in fitting:
            fitting[pattern] = np.logical_and.reduce([values[term] > 0 for term in pattern.terms])
    return _Found(
        ids=found["id"] or [],
        years=np.array(found["year"] or [], np.int64),
        ranks=np.array(found["rank"] or [], np.int64),
        values=values,
        fitting=fitting,
        facets=facets,
    )


def _count(
    connection: Connection, generation: TableGeneration, question: Question, filters: Mapping[str, frozenset[str]]
) -> int:
    statement = _Statement(generation.id)
    conditions = " AND ".join([statement.answers(question), *statement.passes(filters).values()])
    counted = text(f"SELECT count(*) FROM {SCHEMA}.entry WHERE generation = :generation AND {conditions}")
    return int(connection.execute(counted, statement.parameters).scalar_one())


def _build(connection: Connection, documents: Collection[CaseDocument], valid_from: datetime | None) -> int:
    lexicon = lexicon_of(documents)
    connection.execute(
        text(f"DELETE FROM {SCHEMA}.generation WHERE valid_from IS NOT DISTINCT FROM CAST(:moment AS timestamptz)"),
        {"moment": valid_from},
    )
    number = _new(connection, lexicon, valid_from)
    _insert(connection, number, lexicon, documents)
    _stamp(connection, number)
    connection.execute(text(f"ANALYZE {SCHEMA}.entry"))
    return number


def _new(connection: Connection, lexicon: Lexicon, valid_from: datetime | None) -> int:
    made = text(
        f"INSERT INTO {SCHEMA}.generation (valid_from, names, holding) "
        "VALUES (:moment, CAST(:names AS jsonb), '[0, 0, null, null, 0]') RETURNING id"
    )
    names = json.dumps(sorted(lexicon.names), ensure_ascii=False)
    return int(connection.execute(made, {"moment": valid_from, "names": names}).scalar_one())


def _copy(connection: Connection, base: int, lexicon: Lexicon, moment: datetime | None) -> int:
    number = _new(connection, lexicon, moment)
    connection.execute(
        text(
            f"INSERT INTO {SCHEMA}.entry (generation, {_COLUMNS}) "
            f"SELECT :number, {_COLUMNS} FROM {SCHEMA}.entry WHERE generation = :base"
        ),
        {"number": number, "base": base},
    )
    return number


def _insert(connection: Connection, generation: int, lexicon: Lexicon, documents: Collection[CaseDocument]) -> None:
    rows = []
    for case in index_cases(documents, lexicon):
        kept = stored(case)
        rows.append(
            {
                **kept._asdict(),
                "generation": generation,
                "tokens": list(case.weights),
                "terms": json.dumps(pack(case), ensure_ascii=False),
                "places": json.dumps(kept.places),
                "facets": [_facet(facet, value) for facet, values in kept.facets.items() for value in values],
                "titles": json.dumps(kept.titles, ensure_ascii=False),
                "kept": case.kept,
                "any_title": next(iter(kept.titles.values()), ""),
            }
        )
    if rows:
        connection.execute(_INSERT, rows)


def _stamp(connection: Connection, generation: int) -> None:
    holding = Holding.of(_versions(connection, generation))
    marks = json.dumps(astuple(holding))
    connection.execute(
        text(
            f"UPDATE {SCHEMA}.generation SET stamp = nextval(pg_get_serial_sequence('{SCHEMA}.generation', 'id')), "
            "holding = CAST(:holding AS jsonb) WHERE id = :id"
        ),
        {"id": generation, "holding": marks},
    )

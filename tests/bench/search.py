"""Search beside SQLite FTS5 and PostgreSQL over the same words: simulated libraries of growing size."""

from __future__ import annotations

import gc
import os
import pickle
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg

from portal.config import ROOT
from portal.library.search.highlighting import excerpt
from portal.library.search.indexing import IndexedCase, index_case
from portal.library.search.korean import Lexicon
from portal.library.search.patterns import Pattern, Question
from portal.library.search.port import CaseDocument, CaseText, SearchQuery
from portal.library.search.questions import read_question
from portal.library.search.whoosh_engine import WhooshEngine
from portal.library.search.words import words as words_of

SEED = int(os.environ.get("BENCH_SEED", "1"))
SIZES = tuple(int(size) for size in os.environ.get("BENCH_SIZES", "80 1000 10000").split())
SERVER = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("TEST_DATABASE_URL")
QUESTIONS = 400
ROUNDS = 3
PUBLISHED = 40
VOCABULARY = 30_000
PHRASES = 20_000
NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)

_ONSETS = ["br", "cr", "dr", "gr", "pl", "pr", "st", "tr", "sh", "ch", *"bcdfghjklmnprstvw"]
_RIMES = ["al", "an", "ar", "at", "el", "en", "er", "et", "in", "is", "ol", "on", "or", "ul", "um", "un", *"aeiou"]
_PARTICLES = ("", "", "", "을", "의", "에서", "과")


class Language:
    """Phrases of one language, few of them common and most of them rare, as in real ones."""

    def __init__(self, chance: random.Random, words: Sequence[str]) -> None:
        heaps = self.heaps(len(words))
        self.words = words
        self.phrases = [chance.choices(words, cum_weights=heaps, k=chance.choice((1, 2, 3))) for _ in range(PHRASES)]
        self.phrase_heaps = self.heaps(PHRASES)

    @staticmethod
    def heaps(count: int) -> list[float]:
        """Give the running sums of shares that fall as 1/rank."""
        return list(np.cumsum(1 / np.arange(8, count + 8)))

    def some(self, chance: random.Random, count: int) -> list[str]:
        """Draw phrases, the first of the list most often, and give their words."""
        drawn = chance.choices(self.phrases, cum_weights=self.phrase_heaps, k=count)
        return [word for phrase in drawn for word in phrase]


def english_words(chance: random.Random) -> list[str]:
    """Invent English-looking words."""
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        parts = (chance.choice(_ONSETS) + chance.choice(_RIMES) for _ in range(chance.choice((1, 2, 2, 3))))
        words["".join(parts)] = None
    return list(words)


def korean_words(chance: random.Random) -> list[str]:
    """Take the nouns of this site's own Korean, alone and in pairs: what was invented could not be told apart."""
    told = " ".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "translations").glob("ko/**/*.po")))
    told += (ROOT / "portal" / "data" / "cases.json").read_text(encoding="utf-8")
    nouns = [token.term for token in words_of(told, Lexicon(), "ko") if re.fullmatch("(ko:)?[가-힣]{2,4}", token.term)]
    single = list(dict.fromkeys(noun.removeprefix("ko:") for noun in nouns if not noun.endswith("다")))
    chance.shuffle(single)
    return single + ["".join(chance.sample(single, 2)) for _ in range(len(single))]


class Corpus:
    """A simulated library: every case is told in two languages and marked as simulated by its id."""

    def __init__(self, size: int) -> None:
        chance = random.Random(SEED)
        self.english, self.korean = Language(chance, english_words(chance)), Language(chance, korean_words(chance))
        cities = [word.title() for word in chance.sample(self.english.words, 300)]
        self.documents = [self.make(chance, number, cities) for number in range(size)]
        self.chance = chance

    def make(self, chance: random.Random, number: int, cities: Sequence[str]) -> CaseDocument:
        """Invent one case."""
        english = self.english.some(chance, 23)
        korean = [word + chance.choice(_PARTICLES) for word in self.korean.some(chance, 14)]
        return CaseDocument(
            id=f"simulated-{number:06}",
            version=1,
            texts={
                "en": CaseText(" ".join(english[:6]).title(), sentences(english[6:], ".")),
                "ko": CaseText(" ".join(korean[:5]), sentences(korean[5:], ".")),
            },
            names=(chance.choice(cities),),
            year=chance.randint(2015, 2026),
            category=chance.choice(("people-centric", "tech-innovation")),
            rank=chance.choice(("gold", "silver", "bronze", "winner", None)),
            kind=chance.choice(("prize-entry", "health-programme", "other-award")),
            country=f"C{min(int(chance.expovariate(0.06)), 79):02}",
            region=chance.choice(("asia", "europe", "africa", "americas", "oceania")),
            themes=tuple(chance.sample([f"theme-{one}" for one in range(14)], chance.randint(1, 3))),
            sdgs=tuple(str(one) for one in chance.sample(range(1, 18), chance.randint(1, 3))),
        )

    def questions(self, count: int, seed: int) -> list[SearchQuery]:
        """Invent different questions: one to three words, phrases, exclusions, alternatives, filters."""
        chance = random.Random(seed)
        asked: dict[tuple[str, tuple[int, ...]], SearchQuery] = {}
        while len(asked) < count:
            language = chance.choice(("en", "en", "ko"))
            document = chance.choice(self.documents)
            words = re.findall(r"\w+", f"{document.texts[language].title} {document.texts[language].summary}")
            start = chance.randrange(len(words) - 2)
            kind = chance.random()
            if kind < 0.4:
                text = words[start]
            elif kind < 0.7:
                text = " ".join(chance.sample(words, 2))
            elif kind < 0.8:
                text = " ".join(chance.sample(words, 3))
            elif kind < 0.9:
                text = f'"{words[start]} {words[start + 1]}"'
            elif kind < 0.95:
                text = f"{words[start]} -{chance.choice(words)}"
            else:
                text = f"{words[start]} OR {chance.choice(words)}"
            years = (chance.randint(2015, 2026),) if chance.random() < 0.2 else ()
            asked.setdefault((text, years), SearchQuery(text, language, years=years))
        return list(asked.values())


def sentences(words: Sequence[str], end: str) -> str:
    """Write words as sentences of eight."""
    return " ".join(" ".join(words[start : start + 8]).capitalize() + end for start in range(0, len(words), 8))


def read(query: SearchQuery, lexicon: Lexicon) -> Question:
    """Read a question as the engine does, so that it is read once."""
    return read_question(query.text, lexicon, query.typing, query.reach)


class Rival(ABC):
    """Another engine over the same words: total, facet counts, twenty hits, all with the same arrays and excerpts."""

    def __init__(self, cases: Sequence[IndexedCase], lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.terms: dict[str, str] = {}
        facets: dict[str, dict[str, int]] = {}
        codes: list[list[int]] = []
        columns: list[str] = [facet for facet in cases[0].facets for _ in range(3)]
        for case in cases:
            row = []
            for facet, values in case.facets.items():
                table = facets.setdefault(facet, {})
                found = [table.setdefault(value, len(table) + 1) for value in values[:3]]
                row += found + [0] * (3 - len(found))
            codes.append(row)
        self.codes = np.array(codes, np.int16)
        self.columns, self.facets = columns, facets
        self.ids = [case.id for case in cases]
        self.numbers = {one: number for number, one in enumerate(self.ids)}

    def name(self, term: str) -> str:
        """Give the plain word that stands for a term."""
        return self.terms.setdefault(term, f"t{len(self.terms)}")

    @abstractmethod
    def rows(self, question: Question) -> Sequence[tuple[int, float]]:
        """Give the number and the rank of every match."""

    @abstractmethod
    def excerpts(self, question: Question, numbers: Sequence[int]) -> Sequence[tuple[str]]:
        """Cut and mark excerpts of the words of some cases, by the engine's own means."""

    def whole(self, query: SearchQuery) -> None:
        """Give the whole answer."""
        ids, _, _ = self.search(query)
        if ids:
            numbers = [self.numbers[one] for one in ids]
            found = self.excerpts(read(query, self.lexicon), numbers)
            assert len(found) == len(ids)

    def search(self, query: SearchQuery) -> tuple[list[str], int, dict[str, dict[str, int]]]:
        """Answer a question: ids of twenty hits, total, counts per facet."""
        question = read(query, self.lexicon)
        rows = self.rows(question) if question.clauses else []
        numbers = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        ranks = np.fromiter((row[1] for row in rows), np.float64, len(rows))
        kept = numbers
        if query.years:
            codes = [self.facets["year"].get(str(year), -1) for year in query.years]
            mask = np.isin(self.codes[numbers, self.columns.index("year")], codes)
            kept, ranks = numbers[mask], ranks[mask]
        counts: dict[str, dict[str, int]] = {}
        for at in range(0, len(self.columns), 3):
            facet = self.columns[at]
            base = numbers if facet == "year" else kept
            table = self.facets[facet]
            found = np.bincount(self.codes[base, at : at + 3].ravel(), minlength=len(table) + 1)
            counts[facet] = {value: int(found[code]) for value, code in table.items() if found[code]}
        best = np.argpartition(ranks, 20)[:20] if len(ranks) > 20 else np.arange(len(ranks))
        best = best[np.argsort(ranks[best], kind="stable")]
        return [self.ids[one] for one in kept[best].tolist()], len(kept), counts


class Fts5(Rival):
    """SQLite's full-text index, in a file."""

    def __init__(self, cases: Sequence[IndexedCase], lexicon: Lexicon, folder: Path) -> None:
        super().__init__(cases, lexicon)
        self.path = folder / "fts5.sqlite3"
        self.connection = sqlite3.connect(self.path)
        self.connection.execute("CREATE VIRTUAL TABLE fts USING fts5(title, words, more, detail=full)")
        self.connection.executemany(
            "INSERT INTO fts (rowid, title, words, more) VALUES (?, ?, ?, ?)",
            ((number, *self.texts(case)) for number, case in enumerate(cases)),
        )
        self.connection.execute("INSERT INTO fts (fts) VALUES ('optimize')")
        self.connection.commit()
        self.connection.execute("PRAGMA mmap_size=1000000000")

    def texts(self, case: IndexedCase) -> tuple[str, str, str]:
        """Give the words of titles, of all else, and the terms without a place."""
        title, words, placed = [], [], set()
        for (_, field), texts in case.sequences.items():
            for text in texts:
                named = [self.name(term) if term else "zz" for term in text]
                placed.update(text)
                (title if field in ("title", "names") else words).append(" ".join(named))
        more = " zz ".join(self.name(term) for term in case.weights if term not in placed)
        return " zz ".join(title), " zz ".join(words), more

    def rows(self, question: Question) -> Sequence[tuple[int, float]]:
        """Ask FTS5."""
        query = "SELECT rowid, bm25(fts, 4.0, 1.0, 1.0) FROM fts WHERE fts MATCH ?"
        return self.connection.execute(query, (self.match(question),)).fetchall()

    def excerpts(self, question: Question, numbers: Sequence[int]) -> Sequence[tuple[str]]:
        """Let snippet() cut the text."""
        query = "SELECT snippet(fts, 1, '<mark>', '</mark>', '…', 30) FROM fts WHERE fts MATCH ? AND rowid IN "
        query += f"({','.join(map(str, numbers))})"
        return self.connection.execute(query, (self.match(question),)).fetchall()

    def match(self, question: Question) -> str:
        """Write a question in the language of FTS5."""
        asked, unwanted = [], []
        for clause in question.clauses:
            either = " OR ".join(self.pattern(pattern) for pattern in clause.patterns)
            (unwanted if clause.negative else asked).append(f"({either})")
        return " AND ".join(asked) + "".join(f" NOT {one}" for one in unwanted)

    def pattern(self, pattern: Pattern) -> str:
        """Write a pattern in the language of FTS5."""
        names = [self.terms.get(term, "nothing") for term in pattern.terms]
        return f'"{" ".join(names)}"' if pattern.in_order else "(" + " AND ".join(names) + ")"

    def size(self) -> int:
        """Give the bytes on disk."""
        return self.path.stat().st_size


class PostgreSQL(Rival):
    """PostgreSQL's full-text index, in a table that goes away with the connection."""

    def __init__(self, cases: Sequence[IndexedCase], lexicon: Lexicon, server: str) -> None:
        super().__init__(cases, lexicon)
        self.connection = psycopg.connect(server, autocommit=True)
        self.connection.execute("CREATE TEMPORARY TABLE bench (number int PRIMARY KEY, tokens tsvector, words text)")
        with self.connection.cursor().copy("COPY bench FROM STDIN") as copy:
            for number, case in enumerate(cases):
                copy.write_row((number, self.tokens(case), self.words(case)))
        self.connection.execute("CREATE INDEX ON bench USING gin (tokens)")
        self.connection.execute("VACUUM ANALYZE bench")

    def words(self, case: IndexedCase) -> str:
        """Give the words of all texts beside titles and names, from which excerpts are cut."""
        texts = (
            text for (_, field), told in case.sequences.items() if field not in ("title", "names") for text in told
        )
        return " ".join(self.name(term) for text in texts for term in text if term)

    def tokens(self, case: IndexedCase) -> str:
        """Write the terms of a case with places and weights."""
        found: dict[str, list[str]] = {self.name(term): [] for term in case.weights}
        place = 0
        for (_, field), texts in case.sequences.items():
            weight = "A" if field in ("title", "names") else "D"
            for text in texts:
                for term in text:
                    place += 1
                    if term:
                        found[self.name(term)].append(f"{place}{weight}")
                place += 1
        return " ".join(name + (":" + ",".join(places) if places else "") for name, places in found.items())

    def rows(self, question: Question) -> Sequence[tuple[int, float]]:
        """Ask PostgreSQL."""
        query = "SELECT number, -ts_rank(tokens, q) FROM bench, CAST(%s AS tsquery) q WHERE tokens @@ q"
        return self.connection.execute(query, (self.match(question),), prepare=True, binary=True).fetchall()

    def excerpts(self, question: Question, numbers: Sequence[int]) -> Sequence[tuple[str]]:
        """Let ts_headline() cut the text."""
        query = "SELECT ts_headline('simple', words, CAST(%s AS tsquery), 'MaxWords=30') FROM bench "
        query += "WHERE number = ANY(%s)"
        return self.connection.execute(query, (self.match(question), list(numbers)), prepare=True).fetchall()

    def match(self, question: Question) -> str:
        """Write a question in the language of PostgreSQL."""
        clauses = []
        for clause in question.clauses:
            either = " | ".join(self.pattern(pattern) for pattern in clause.patterns)
            clauses.append(f"!({either})" if clause.negative else f"({either})")
        return " & ".join(clauses)

    def pattern(self, pattern: Pattern) -> str:
        """Write a pattern in the language of PostgreSQL."""
        names = [self.terms.get(term, "nothing") for term in pattern.terms]
        return "(" + (" <-> " if pattern.in_order else " & ").join(names) + ")"

    def size(self) -> int:
        """Give the bytes on disk."""
        return int(self.connection.execute("SELECT pg_total_relation_size('bench')").fetchone()[0])  # type: ignore[index]


@dataclass(frozen=True)
class Times:
    """Median and 95th percentile in milliseconds."""

    p50: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """Sum up times in seconds."""
        cuts = statistics.quantiles(seconds, n=20, method="inclusive")
        return cls(cuts[9] * 1000, cuts[18] * 1000)

    def __str__(self) -> str:
        """Write both."""
        return f"{self.p50:.2f} / {self.p95:.2f}"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the collector of garbage from striking one of those who are measured."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def measure(ask: Callable[[SearchQuery], object], questions: Iterable[SearchQuery]) -> Times:
    """Ask every question once."""
    taken = []
    for query in questions:
        start = time.perf_counter()
        ask(query)
        taken.append(time.perf_counter() - start)
    return Times.of(taken)


class Scale:
    """The measurements of one size."""

    def __init__(self, size: int, folder: Path) -> None:
        self.corpus = Corpus(size)
        self.texts = {document.id: document.texts for document in self.corpus.documents}
        self.folder = folder
        self.engine = WhooshEngine(folder / "index")
        start = time.perf_counter()
        self.engine.rebuild(self.corpus.documents, None)
        self.built = time.perf_counter() - start
        self.lexicon = self.engine.lexicon(NOW)

    def embedded(self, query: SearchQuery) -> tuple[list[tuple[str, str]], int]:
        """Answer a question: hits with the language of the best place, total; facets are counted."""
        page = self.engine.search(query, now=NOW)
        return [(hit.id, hit.language) for hit in page.hits], page.total

    def whole(self, query: SearchQuery) -> None:
        """Give the embedded engine's whole answer: twenty marked excerpts from the places kept with the index."""
        page = self.engine.search(query, now=NOW)
        question = read(query, self.lexicon)
        for hit in page.hits:
            text = self.texts[hit.id][hit.language].summary
            excerpt(text, question, self.lexicon, hit.language, field="summary", kept=page.kept(hit.id))

    def rivals(self) -> list[tuple[str, Rival]]:
        """Load the same words into the other engines."""
        cases = [index_case(document, self.lexicon) for document in self.corpus.documents]
        found: list[tuple[str, Rival]] = [("FTS5", Fts5(cases, self.lexicon, self.folder))]
        if SERVER:
            found.append(("PostgreSQL", PostgreSQL(cases, self.lexicon, SERVER)))
        return found

    def size(self) -> int:
        """Give the bytes of the index on disk."""
        return sum(path.stat().st_size for path in self.engine.shelf.root.rglob("*") if path.is_file())

    def never_seen(self) -> Times:
        """Ask for single words with a reader that has read none of them."""
        fresh = WhooshEngine(self.engine.shelf.root)
        fresh.search(SearchQuery("", "en"), now=NOW)
        told = " ".join(text.summary for texts in list(self.texts.values())[:2_000] for text in texts.values())
        words = sorted(
            {word for word in re.findall(r"[a-z]{4,}", told) if self.engine.search(SearchQuery(word), now=NOW).total}
        )
        asked = [SearchQuery(word) for word in random.Random(SEED).sample(words, min(QUESTIONS, len(words)))]
        return measure(lambda query: fresh.search(query, now=NOW), asked)

    def published(self) -> Times:
        """Publish one case after the other; another reader asks for it until it is found."""
        reader = WhooshEngine(self.engine.shelf.root)
        reader.search(SearchQuery("", "en"), now=NOW)
        wanted = {document.id: 1 for document in self.corpus.documents}
        taken = []
        self.engine.search(SearchQuery("", "en"), now=NOW)
        for number in range(PUBLISHED):
            word = f"newcomer{number}"
            added = CaseDocument(f"added-{number}", 1, {"en": CaseText(word, f"A case about {word}.")}, year=2026)
            wanted[added.id] = 1
            start = time.perf_counter()
            self.engine.follow(None, wanted, lambda ids, added=added: [added] if added.id in ids else [])
            total = reader.search(SearchQuery(word, "en"), now=NOW).total
            taken.append(time.perf_counter() - start)
            assert total == 1, word
        return Times.of(taken)

    def memory(self, questions: Sequence[SearchQuery]) -> str:
        """Give the memory of a process that only reads, in megabytes: as it opens and after all questions."""
        path = self.folder / "questions.pickle"
        path.write_bytes(pickle.dumps(questions))
        command = [sys.executable, "-m", "tests.bench.search", str(self.engine.shelf.root), str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def run() -> None:
    """Measure every size and print the tables."""
    print(f"Simulated cases, seed {SEED}, {QUESTIONS} different questions × {ROUNDS} rounds; ms are p50 / p95.")
    print("Excerpts: embedded by the site's own marking, FTS5 by snippet(), PostgreSQL by ts_headline().")
    if not SERVER:
        print("PostgreSQL is left out: set BENCH_DATABASE_URL to a server.")
    print("\n| cases | engine | search, total, facets | ratio | with 20 excerpts | ratio |")
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    rest = []
    for size in SIZES:
        folder = Path(tempfile.mkdtemp(prefix="bench-search-"))
        try:
            rest.append(one_size(size, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n| cases | term never seen | published → searchable | rebuild s | index MB | FTS5 MB | reader MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for line in rest:
        print(line)


def one_size(size: int, folder: Path) -> str:
    """Measure one size: print the lines beside the rivals, return the line about the rest."""
    scale = Scale(size, folder)
    rivals = scale.rivals()
    # Questions without an answer are left out: only the embedded engine looks for a better spelling then.
    questions = [query for query in scale.corpus.questions(2 * QUESTIONS, SEED) if scale.embedded(query)[1]][:QUESTIONS]
    for query in questions[:100]:
        own = scale.embedded(query)[1]
        assert {name: rival.search(query)[1] for name, rival in rivals} == {name: own for name, _ in rivals}, query
    asks: dict[str, tuple[Callable[[SearchQuery], Any], Callable[[SearchQuery], Any]]] = {
        "embedded": (scale.embedded, scale.whole)
    }
    for name, rival in rivals:
        asks[name] = (rival.search, rival.whole)
    plain: dict[str, list[Times]] = {name: [] for name in asks}
    full: dict[str, list[Times]] = {name: [] for name in asks}
    with quiet():
        for _ in range(ROUNDS):  # taking turns, so that a noisy neighbour meets all of them
            for name, (search, whole_answer) in asks.items():
                plain[name].append(measure(search, questions))
                full[name].append(measure(whole_answer, questions))
    best = {name: (best_of(plain[name]), best_of(full[name])) for name in asks}
    for name, (short, long) in best.items():
        ratios = ["", ""]
        if name == "embedded":
            ratios = [ratio(times, [best[other][at] for other, _ in rivals]) for at, times in enumerate((short, long))]
        print(f"| {size:,} | {name} | {short} | {ratios[0]} | {long} | {ratios[1]} |", flush=True)
    never, memory = scale.never_seen(), scale.memory(questions)
    disk, other = scale.size() / 1e6, rivals[0][1].size() / 1e6  # type: ignore[attr-defined]
    return f"| {size:,} | {never} | {scale.published()} | {scale.built:.1f} | {disk:.1f} | {other:.1f} | {memory} |"


def best_of(times: Sequence[Times]) -> Times:
    """Take the quietest round."""
    return Times(min(one.p50 for one in times), min(one.p95 for one in times))


def ratio(own: Times, others: Sequence[Times]) -> str:
    """Compare with the fastest of the others."""
    return f"{own.p50 / min(one.p50 for one in others):.2f} / {own.p95 / min(one.p95 for one in others):.2f}"


def read_only(root: Path, questions: Path) -> None:
    """Be a process that only reads: print the memory it holds, without pages of files that all processes share."""
    engine = WhooshEngine(root)
    engine.search(SearchQuery("", "en"), now=NOW)
    opened = held()
    for query in pickle.loads(questions.read_bytes()):
        engine.search(query, now=NOW)
    print(f"{opened:.0f} / {held():.0f}")


def held() -> float:
    """Give the megabytes of this process that no file stands behind."""
    memory = psutil.Process().memory_info()
    return float(memory.rss - memory.shared) / 1e6


if __name__ == "__main__":
    read_only(Path(sys.argv[1]), Path(sys.argv[2]))

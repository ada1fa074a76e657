"""How well the library finds: judged questions, slips of the keyboard, and questions across languages."""

from __future__ import annotations

import json
import math
import random
import tempfile
import time
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from portal import clock, seed
from portal.config import ROOT
from portal.db import Base, Database
from portal.library.finding import Finder, follow, remember_meanings
from portal.library.models import Case, CaseText
from portal.library.search.encoding import LocalEncoder
from portal.library.search.korean import HANGUL, Lexicon
from portal.library.search.port import MOST_PER_PAGE, SearchQuery
from portal.library.search.spelling import letters
from portal.library.search.words import Role, analyse

_HERE = ROOT / "tests" / "portal" / "library" / "search"
JUDGED = _HERE / "judged.json"
HELD_OUT = _HERE / "heldout.json"
"""Judged questions that nobody who works on the search has looked at; may be missing."""
ABROAD = _HERE / "abroad.json"
FURTHER, FURTHER_ABROAD = _HERE / "further.json", _HERE / "further_abroad.json"
"""Questions that were looked at to improve the search."""
TEXTS = ROOT / "portal" / "data" / "texts"
SEED = 1
SLIPS = 400

_LATIN = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Library:
    """The real cases in all their languages, with an index."""

    database: Database
    finder: Finder

    def ask(self, text: str, language: str, *, by_meaning: bool = True) -> Answered:
        """Ask as the command line does: a slip that was noticed is put right."""
        query = SearchQuery(text, language, per_page=MOST_PER_PAGE)
        with self.database.open() as session:
            found = self.finder.find(session, query, now=clock.now())
            suggestion = found.page.suggestion
            if not found.page.total and suggestion:
                found = self.finder.find(session, replace(query, text=suggestion), now=clock.now())
        here = [hit.id for hit, _ in found.cases]
        beside = [hit.id for hit in found.page.elsewhere] if by_meaning else []
        return Answered(here, beside, suggestion)


@dataclass(frozen=True)
class Answered:
    """The ids found by words and by meaning, each best first."""

    here: list[str]
    beside: list[str]
    suggestion: str | None

    @property
    def ids(self) -> list[str]:
        """All that was found, words first."""
        return [*self.here, *self.beside]


@contextmanager
def library(*, meaning: bool = True, hidden: frozenset[str] = frozenset()) -> Iterator[Library]:
    """Build the library in a folder of its own and throw it away afterwards.

    Hidden cases are told in English alone; the others keep the languages that the site loads.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/library.sqlite3")
        Base.metadata.create_all(database.engine)
        with database.transaction() as session:
            seed.load(session, now=clock.now(), demonstration=False)
            if not hidden:
                _add_texts(session)
            session.execute(delete(CaseText).where(CaseText.case_id.in_(hidden), CaseText.language != "en"))
        finder = Finder(Path(folder) / "index")
        finder.encoder = LocalEncoder()
        follow(database, finder.engine, clock.now())
        while meaning and remember_meanings(database, finder.encoder, 100):
            pass
        yield Library(database, finder)
        database.engine.dispose()


def _add_texts(session: Any) -> None:
    """Add the texts in further languages that the seed does not load."""
    known = {(row.case_id, row.language) for row in session.scalars(select(CaseText))}
    cases = set(session.scalars(select(Case.id)))
    for path in sorted(TEXTS.glob("*.json")):
        for case, told in json.loads(path.read_text(encoding="utf-8")).items():
            if case in cases and (case, path.stem) not in known:
                session.add(CaseText(case_id=case, language=path.stem, title=told["title"], summary=told["summary"]))


def judged(path: Path = JUDGED) -> list[dict[str, Any]]:
    """Return the judged questions: query, language, kind, and grades by case."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["queries"]
    return found


def is_looked_at(question: str) -> bool:
    """Tell whether a judged question is of the half that may be looked at; the other half is only measured."""
    return zlib.crc32(question.encode()) % 2 == 0


def measure_abroad(path: Path = ABROAD) -> tuple[float, float, int]:
    """Return MRR and recall@3 of Korean questions for cases told in English alone, and how many were asked.

    A case stands in the list or in the group of other languages; its rank is that in the one where it stands.
    """
    asked = judged(path)
    ranks: list[int] = []
    with library(hidden=frozenset(one["relevant"] for one in asked)) as place:
        for one in asked:
            found = place.ask(one["query"], "ko")
            stands = next((ids for ids in (found.here, found.beside) if one["relevant"] in ids), [])
            ranks.append(stands.index(one["relevant"]) + 1 if stands else 0)
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return mrr, sum(1 for rank in ranks if 0 < rank <= 3) / len(ranks), len(ranks)


@dataclass(frozen=True)
class Scores:
    """Recall at 10, reciprocal rank of the first relevant case, and nDCG at 10, as means over questions."""

    questions: int
    recall: float
    mrr: float
    ndcg: float
    without: int
    """Questions that found nothing at all."""


def score(found: Sequence[str], grades: dict[str, int]) -> tuple[float, float, float]:
    """Return recall@10 (of at most 10), reciprocal rank and nDCG@10 with gains of 2^grade - 1."""
    top = found[:10]
    recall = sum(1 for case in top if case in grades) / min(10, len(grades))
    rank = next((1 / place for place, case in enumerate(found, 1) if case in grades), 0.0)
    gain = sum((2 ** grades.get(case, 0) - 1) / math.log2(place + 1) for place, case in enumerate(top, 1))
    best = sorted(grades.values(), reverse=True)[:10]
    ideal = sum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(best, 1))
    return recall, rank, gain / ideal


def measure(ask: Callable[[str, str], Sequence[str]], path: Path = JUDGED) -> tuple[dict[str, Scores], list[str]]:
    """Return scores by language, kind, half and in all, and the questions without an answer that found something."""
    rows: dict[str, list[tuple[float, float, float, bool]]] = defaultdict(list)
    noise: list[str] = []
    for one in judged(path):
        found = ask(one["query"], one["language"])
        if not one["relevant"]:
            noise += [one["query"]] if found else []
            continue
        marks = (*score(found, one["relevant"]), not found)
        half = "looked at" if is_looked_at(one["query"]) else "only measured"
        for group in ("all", half, one["language"], one["kind"]):
            rows[group].append(marks)
    means = {
        group: Scores(len(of), *(sum(one[at] for one in of) / len(of) for at in range(3)), sum(one[3] for one in of))
        for group, of in rows.items()
    }
    return means, noise


def slip(word: str, chance: random.Random) -> str:
    """Mistype a word by one letter: left out, added, replaced or swapped; Korean by one jamo."""
    spelled = letters(word)
    korean = spelled != word
    pool = [chr(code) for code in range(0x1161, 0x1176)] if korean else list(_LATIN)
    for _ in range(40):
        at = chance.randrange(1, len(spelled))
        kind = chance.randrange(4)
        if korean:
            # Only a vowel stands for a vowel on the keyboard, so that the result is written in whole syllables.
            vowels = [place for place, one in enumerate(spelled) if 0x1161 <= ord(one) <= 0x1175]
            finals = [place for place, one in enumerate(spelled) if ord(one) >= 0x11A8]
            if kind == 0 and finals:
                at = chance.choice(finals)
                wrong = spelled[:at] + spelled[at + 1 :]
            else:
                at = chance.choice(vowels)
                wrong = spelled[:at] + chance.choice(pool) + spelled[at + 1 :]
        elif kind == 0:
            wrong = spelled[:at] + spelled[at + 1 :]
        elif kind == 1:
            wrong = spelled[:at] + chance.choice(pool) + spelled[at:]
        elif kind == 2:
            wrong = spelled[:at] + chance.choice(pool) + spelled[at + 1 :]
        else:
            wrong = spelled[: at - 1] + spelled[at] + spelled[at - 1] + spelled[at + 1 :]
        wrong = unicodedata.normalize("NFC", wrong)
        if wrong != word:
            return wrong
    return word


def _is_noun(word: str) -> bool:
    """Tell whether a Korean word is made of nouns, with or without a particle: verbs have no spelling of their own."""
    tokens = [token for token in analyse(word, Lexicon(), "ko") if token.role is Role.WORD]
    written = {token.start for token in analyse(word, Lexicon(), "ko") if token.role is Role.SURFACE}
    return bool(tokens) and all(token.start in written for token in tokens)


def measure_slips(place: Library, count: int = SLIPS) -> dict[str, tuple[float, int]]:
    """Return the share of mistyped words that are put right, and how many were asked, by script."""
    chance = random.Random(SEED)
    with place.database.open() as session:
        texts = session.scalars(select(CaseText).where(CaseText.language.in_(("en", "ko")))).all()
    words: dict[str, set[str]] = {"Latin": set(), "Hangul": set()}
    for text in texts:
        for word in text.title.split():
            if text.language == "en" and word.isascii() and word.isalpha() and len(word) >= 5:
                words["Latin"].add(word.lower())
            if text.language == "ko" and len(word) >= 3 and HANGUL.fullmatch(word) and _is_noun(word):
                words["Hangul"].add(word)
    shares: dict[str, tuple[float, int]] = {}
    for script, known in words.items():
        asked = right = 0
        for word in chance.choices(sorted(known), k=count):
            wrong = slip(word, chance)
            answered = place.ask(wrong, "en", by_meaning=False)
            if answered.here and answered.suggestion is None:
                continue  # another word that there is: no slip for the engine to notice
            asked += 1
            right += bool(set(answered.here) & set(place.ask(word, "en", by_meaning=False).here))
        shares[script] = (right / max(1, asked), asked)
    return shares


def _table(place: Library, path: Path) -> list[str]:
    """Measure the questions of a file and give the lines of a table."""
    words, noise_words = measure(lambda text, tag: place.ask(text, tag, by_meaning=False).ids, path)
    both, noise_both = measure(lambda text, tag: place.ask(text, tag).ids, path)
    lines = ["| questions | n | by words: R@10 | MRR | nDCG@10 | nothing | with other languages: R@10 | MRR | nDCG@10 | nothing |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for group, one in words.items():
        other = both[group]
        figures = [f"{value:.3f}" for value in (one.recall, one.mrr, one.ndcg)]
        beside = [f"{value:.3f}" for value in (other.recall, other.mrr, other.ndcg)]
        lines.append(
            f"| {' | '.join([group, str(one.questions), *figures, str(one.without), *beside, str(other.without)])} |"
        )
    noise = f"{len(noise_words)} by words, {len(noise_both)} with other languages"
    return [*lines, f"\nquestions without an answer that found something: {noise}\n"]


def show() -> str:
    """Measure everything and return it as tables."""
    began = time.perf_counter()
    with library() as place:
        lines = _table(place, JUDGED)
        if HELD_OUT.exists():
            lines += ["held-out questions:\n", *_table(place, HELD_OUT)]
        lines += ["questions that the search was improved with:\n", *_table(place, FURTHER)]
        slips = measure_slips(place)
    lines += [f"one slip, {script}: {share:.1%} of {asked} put right" for script, (share, asked) in slips.items()]
    for name, path in (("judged", ABROAD), ("improved with", FURTHER_ABROAD)):
        mrr, recall, asked = measure_abroad(path)
        lines.append(f"Korean question, case only in English ({name}): MRR {mrr:.3f}, R@3 {recall:.3f} of {asked}")
    lines.append(f"({time.perf_counter() - began:.0f} s)")
    return "\n".join(lines)

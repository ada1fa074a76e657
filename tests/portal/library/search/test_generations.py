"""Generations: the clock chooses, nothing shows early, damage is seen, and crashes leave the old index."""

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from portal.library.search.generations import POINTER
from portal.library.search.port import (
    CaseDocument,
    Holding,
    IndexBehind,
    IndexDamaged,
    IndexMissing,
    SearchQuery,
    SearchUnavailable,
)
from portal.library.search.whoosh_engine import WhooshEngine
from tests.portal.library.search.conftest import NOON, korean

EARLY = NOON - timedelta(days=30)
SECOND = timedelta(seconds=1)
OLD = korean("old", "바기오 건강 관리", "스마트도시", names=("바기오",), year=2024, country="PH")
SECRET = korean(
    "secret", "레이캬비크 도시 비밀작", "아무도 모른다", names=("레이캬비크",), year=2026, country="IS", rank="gold"
)


def loader(*documents: CaseDocument) -> Callable[[Collection[str]], Iterable[CaseDocument]]:
    return lambda wanted: [one for one in documents if one.id in wanted]


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    return WhooshEngine(tmp_path / "index")


def test_without_an_index_the_engine_says_so(engine: WhooshEngine) -> None:
    with pytest.raises(IndexMissing):
        engine.search(SearchQuery("바기오"), now=NOON)


def test_before_the_moment_no_answer_differs(engine: WhooshEngine, tmp_path: Path) -> None:
    without = WhooshEngine(tmp_path / "other")
    without.rebuild([OLD], EARLY)
    engine.rebuild([OLD], EARLY)
    engine.rebuild([OLD, SECRET], NOON)
    questions = ["", "레이캬비크", "레이카비크", "비밀작*", "비밀작", "도시", "모른다", "아무도", "2026", "-바기오"]

    for text in questions:
        query = SearchQuery(text, "ko", typing=True)
        before = engine.search(query, now=NOON - SECOND, holding=Holding.of({"old": 1}))
        assert before == without.search(query, now=NOON - SECOND), text
        assert "secret" not in repr(before)
        assert "IS" not in repr(before)

    assert engine.search(SearchQuery("레이캬비크", "ko"), now=NOON).total == 1
    assert engine.search(SearchQuery("레이카비크", "ko"), now=NOON).suggestion == "레이캬비크"


def test_a_moment_that_passed_unprepared_is_noticed(engine: WhooshEngine) -> None:
    engine.rebuild([OLD], EARLY)

    assert engine.search(SearchQuery(""), now=NOON, holding=Holding.of({"old": 1})).total == 1
    for shown in ({"old": 1, "secret": 1}, {"old": 2}, {"other": 1}, {}):
        with pytest.raises(IndexBehind):
            engine.search(SearchQuery(""), now=NOON, holding=Holding.of(shown))


def test_following_twice_changes_nothing(engine: WhooshEngine) -> None:
    assert engine.follow(EARLY, {"old": 1}, loader(OLD))
    names = [one.name for one in engine.shelf.generations()]

    assert not engine.follow(EARLY, {"old": 1}, loader(OLD))
    assert [one.name for one in engine.shelf.generations()] == names


def test_following_adds_changes_and_removes(engine: WhooshEngine) -> None:
    engine.follow(EARLY, {"old": 1}, loader(OLD))
    assert engine.search(SearchQuery("바기오"), now=NOON).total == 1
    added = korean("new", "치매 노인 돌봄")
    changed = CaseDocument("old", 2, {**korean("old", "바기오 걷기").texts}, names=("바기오",))

    engine.follow(EARLY, {"old": 2, "new": 1}, loader(changed, added))
    assert engine.search(SearchQuery("건강"), now=NOON).total == 0
    assert engine.search(SearchQuery("걷기"), now=NOON).hits[0].version == 2
    assert engine.search(SearchQuery("치매"), now=NOON).total == 1
    assert engine.versions(engine.shelf.current(NOON)) == {"old": 2, "new": 1}

    engine.follow(EARLY, {"new": 1}, loader(added))
    assert engine.search(SearchQuery(""), now=NOON).total == 1
    withdrawn = engine.search(SearchQuery("바교오"), now=NOON)
    assert (withdrawn.total, withdrawn.suggestion) == (0, None)


def test_many_small_changes_end_in_the_same_index(engine: WhooshEngine) -> None:
    documents = [korean(f"case-{number}", f"사례 건강 {number}") for number in range(30)]

    for number in range(1, 31):
        engine.follow(EARLY, {one.id: 1 for one in documents[:number]}, loader(*documents))

    assert engine.search(SearchQuery("건강"), now=NOON).total == 30
    assert len(list(engine.shelf.root.glob("g-*"))) == 1


def test_a_prepared_generation_starts_from_the_live_one(engine: WhooshEngine) -> None:
    engine.follow(EARLY, {"old": 1}, loader(OLD))

    engine.follow(NOON, {"old": 1, "secret": 1}, loader(OLD, SECRET))

    assert engine.search(SearchQuery(""), now=NOON - SECOND).total == 1
    assert engine.search(SearchQuery(""), now=NOON).total == 2


def test_retiring_keeps_only_what_is_named(engine: WhooshEngine) -> None:
    later = NOON + timedelta(days=1)
    for moment in (EARLY, NOON, later):
        engine.rebuild([OLD], moment)

    engine.retire([EARLY, later])

    assert [one.valid_from for one in engine.shelf.generations()] == [EARLY, later]
    assert len(list(engine.shelf.root.glob("g-*"))) == 2


def test_what_a_killed_writer_left_is_removed_by_the_next_even_if_nothing_changed(engine: WhooshEngine) -> None:
    engine.rebuild([OLD], EARLY)
    (left := engine.shelf.begin()).joinpath("secret").write_text("embargoed")

    assert not engine.follow(EARLY, {"old": 1}, loader(OLD))

    assert not left.exists()
    assert engine.search(SearchQuery(""), now=NOON).total == 1


def test_every_folder_is_private(engine: WhooshEngine) -> None:
    engine.rebuild([OLD], EARLY)

    for folder in (engine.shelf.root, *engine.shelf.root.glob("g-*")):
        assert folder.stat().st_mode & 0o777 == 0o700
    engine.shelf.root.chmod(0o755)
    with pytest.raises(IndexDamaged):
        WhooshEngine(engine.shelf.root).search(SearchQuery(""), now=NOON)


def damage_pointer(root: Path) -> None:
    (root / POINTER).write_text("{", encoding="utf-8")


def damage_by_cutting(root: Path) -> None:
    for path in root.glob("g-*/*.seg"):
        os.truncate(path, path.stat().st_size // 2)


def damage_by_one_byte(root: Path) -> None:
    for path in root.glob("g-*/*.seg"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)


def damage_by_removing(root: Path) -> None:
    for path in root.glob("g-*/_MAIN_*.toc"):
        path.unlink()


@pytest.mark.parametrize("damage", [damage_pointer, damage_by_cutting, damage_by_one_byte, damage_by_removing])
def test_damage_is_named_and_mended(engine: WhooshEngine, damage: Callable[[Path], None]) -> None:
    engine.follow(EARLY, {"old": 1}, loader(OLD))
    damage(engine.shelf.root)
    fresh = WhooshEngine(engine.shelf.root)

    with pytest.raises(SearchUnavailable):
        fresh.search(SearchQuery("바기오"), now=NOON)

    assert fresh.follow(EARLY, {"old": 1}, loader(OLD))
    assert fresh.search(SearchQuery("바기오"), now=NOON).total == 1


def test_an_index_of_nothing_answers(engine: WhooshEngine) -> None:
    engine.rebuild([], EARLY)

    for text in ("", "바기오", "바*", '"바기오 건강"', "-바기오"):
        page = engine.search(SearchQuery(text, "ko", years=(2024,)), now=NOON)
        assert (page.total, page.hits, page.suggestion) == (0, (), None)
    assert engine.follow(EARLY, {"old": 1}, loader(OLD))
    assert engine.follow(EARLY, {}, loader())
    assert engine.search(SearchQuery("바기오", "ko"), now=NOON).total == 0


def test_segments_stay_few_and_deleted_cases_leave_no_trace(engine: WhooshEngine) -> None:
    documents = {f"case-{number:02}": korean(f"case-{number:02}", f"사례{number} 건강") for number in range(60)}
    for number in range(60):
        wanted = dict.fromkeys(list(documents)[max(0, number - 9) : number + 1], 1)
        engine.follow(EARLY, wanted, loader(*documents.values()))

    generation = engine.shelf.current(NOON)
    assert engine.versions(generation) == wanted
    assert len(list(engine.shelf.folder(generation.name).glob("*.seg"))) <= 10
    assert engine.search(SearchQuery("건강", "ko"), now=NOON).total == 10
    assert engine.search(SearchQuery("사례3*", "ko"), now=NOON).total == 0


def test_a_crash_while_writing_leaves_the_old_index(engine: WhooshEngine) -> None:
    engine.follow(EARLY, {"old": 1}, loader(OLD))

    def crash(wanted: Collection[str]) -> Iterable[CaseDocument]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.follow(NOON, {"old": 2}, crash)

    assert WhooshEngine(engine.shelf.root).search(SearchQuery("바기오"), now=NOON).total == 1
    assert engine.follow(NOON, {"old": 1}, loader(OLD))


def test_a_reader_follows_another_process(engine: WhooshEngine) -> None:
    engine.follow(EARLY, {"old": 1}, loader(OLD))
    reader = WhooshEngine(engine.shelf.root)
    assert reader.search(SearchQuery("치매"), now=NOON).total == 0

    engine.follow(EARLY, {"old": 1, "new": 1}, loader(OLD, korean("new", "치매 노인 돌봄")))

    assert reader.search(SearchQuery("치매"), now=NOON).total == 1


@pytest.mark.parametrize("anew", [False, True])
def test_readers_never_meet_a_broken_index_while_it_changes(engine: WhooshEngine, anew: bool) -> None:
    documents = [korean(f"case-{number}", f"사례 건강 {number}") for number in range(40)]
    engine.follow(EARLY, {"case-0": 1}, loader(*documents))
    stop = threading.Event()
    troubles: list[Exception] = []
    totals: list[int] = []

    def read() -> None:
        reader = WhooshEngine(engine.shelf.root)
        while not stop.is_set():
            try:
                totals.append(reader.search(SearchQuery("건강"), now=NOON).total)
            except Exception as problem:
                troubles.append(problem)
            time.sleep(0.001)  # threads of one process: the writer must come to its turn

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 41):
        if anew:
            engine.rebuild(documents[:number], EARLY)
        else:
            engine.follow(EARLY, {one.id: 1 for one in documents[:number]}, loader(*documents))
    stop.set()
    for reader in readers:
        reader.join()

    assert troubles == []
    assert totals
    assert engine.search(SearchQuery("건강"), now=NOON).total == 40

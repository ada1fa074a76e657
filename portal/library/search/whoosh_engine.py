"""The embedded engine: keeps postings in Whoosh; the only module that imports it."""

from __future__ import annotations

import io
import json
import math
import struct
import threading
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import columns, fields, formats
from whoosh import index as whoosh_index
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3Segment
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.structfile import BufferFile, StructFile
from whoosh.reading import SegmentReader

from portal.library.search.generations import Generation, Shelf, age
from portal.library.search.indexing import lexicon_of
from portal.library.search.korean import Lexicon
from portal.library.search.port import (
    CaseDocument,
    Holding,
    IndexBehind,
    IndexDamaged,
    IndexMissing,
    QueryTooLong,
    SearchPage,
    SearchQuery,
    SearchUnavailable,
)
from portal.library.search.postings import NOTHING, Answer, Cases, Postings, Segment, Stored, pack, stored
from portal.library.search.preparing import index_cases

_LEXICON = "lexicon.json"
_TERMS = "terms"
_FANOUT = 5
_TRIES = 5
_MOST_OPEN = 2
_PLACE = struct.Struct("<QIx")
"""Where the postings of a term begin, and how many they are; its length differs from that of a single posting."""
_SINGLE = 12


class PackedTerms(fields.FieldType):
    """Terms that arrive counted: the words were made elsewhere. Pickled with the schema, so it stays importable."""

    def __init__(self) -> None:
        """Keep one number per term and case, and no positions."""
        super().__init__(formats.Existence(), None)


class _Pool:
    """The postings of a segment being written: one row of numbers per term, case and value by turns.

    Whoosh's own pool keeps and sorts a tuple per posting, which takes most of the time of a rebuild.
    """

    def __init__(self) -> None:
        self._rows: dict[str, array[int]] = {}

    def add(self, number: int, packed: Mapping[str, int]) -> None:
        """Add the terms of a case; cases come in order."""
        rows = self._rows
        for term, value in packed.items():
            row = rows.get(term)
            if row is None:
                rows[term] = array("Q", (number, value))
            else:
                row.append(number)
                row.append(value)

    def add_row(self, term: str, numbers: NDArray[np.int64], values: NDArray[np.uint64]) -> None:
        """Add postings of a term; their cases come after those that it has."""
        pairs = np.column_stack((numbers.astype(np.uint64), values))
        self._rows.setdefault(term, array("Q")).frombytes(pairs.tobytes())

    def iter_postings(self) -> Iterator[tuple[bytes, array[int]]]:
        """Give the rows in order of their terms."""
        for term in sorted(self._rows):
            yield term.encode(), self._rows[term]

    def cleanup(self) -> None:
        """Forget everything; Whoosh asks for it."""
        self._rows = {}


class _PackedWriter(W3FieldWriter):
    """Writes all postings of a term as one row; a term of one case, as most are, stands in the table of terms."""

    def add_postings(self, schema: Any, _lengths: Any, rows: Iterable[tuple[bytes, array[int]]]) -> None:
        """Write postings that come in order of their terms."""
        self.start_field(_TERMS, schema[_TERMS])
        prefix = self._fieldid.to_bytes(2, "big")
        at = self._postfile.tell()
        for term, row in rows:
            if len(row) == 2:
                where = row[0].to_bytes(4, "little") + row[1].to_bytes(8, "little")
            else:
                pairs = np.frombuffer(row, np.uint64).reshape(-1, 2)
                where = _PLACE.pack(at, len(pairs))
                written = pairs[:, 0].astype("<i4").tobytes() + pairs[:, 1].astype("<u8").tobytes()
                self._postfile.write(written)
                at += len(written)
            self._tindex.add(prefix + term, where)
        self.finish_field()


class PackedCodec(W3Codec):
    """Whoosh's own files with postings that are read as arrays. Pickled with segments, so it stays importable."""

    def field_writer(self, storage: Any, segment: Any) -> _PackedWriter:
        """Give the writer of postings."""
        return _PackedWriter(self, storage, segment)

    def new_segment(self, storage: Any, indexname: str) -> PackedSegment:
        """Begin a segment."""
        return PackedSegment(self, indexname)


class PackedSegment(W3Segment):
    """A segment that is read where it lies. Pickled, so it stays importable.

    Whoosh maps a segment into memory and then copies each of its parts, so that every process holds all of it.
    """

    def open_compound_file(self, storage: Any) -> _MappedStorage:
        """Open the one file that holds all parts."""
        return _MappedStorage(storage.open_file(self.make_filename(self.COMPOUND_EXT)))


class _MappedStorage(CompoundStorage):
    def open_file(self, name: str, *_: object, **__: object) -> BufferFile:
        offset, length = self.range(name)
        return _MappedFile(memoryview(self._source)[offset : offset + length], name)


class _MappedFile(BufferFile):
    def __init__(self, content: memoryview, name: str) -> None:
        StructFile.__init__(self, _Window(content), name)
        self._buf = content


class _Window(io.RawIOBase):
    """A part of a mapped file as a file."""

    def __init__(self, content: memoryview) -> None:
        self._content, self._at = content, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}[whence]
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._content[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _read(reader: Any, where: bytes) -> Postings:
    """Read the postings that an entry of the table of terms tells of."""
    if len(where) == _SINGLE:
        return Postings(np.frombuffer(where, "<i4", 1), np.frombuffer(where, "<u8", 1, 4))
    start, count = _PLACE.unpack(where)
    row = reader._terms._postfile.get(start, 12 * count)
    return Postings(np.frombuffer(row, "<i4", count), np.frombuffer(row, "<u8", count, 4 * count))


def _schema() -> Any:
    return fields.Schema(terms=PackedTerms(), case=fields.STORED, kept=fields.COLUMN(columns.VarBytesColumn()))


class _WhooshSegment(Segment):
    """A segment as Whoosh keeps it."""

    def __init__(self, storage: Any, schema: Any, segment: Any) -> None:
        self._reader = SegmentReader(storage, schema, segment)
        super().__init__(
            Stored(*self._reader.stored_fields(number)["case"]) for number in range(self._reader.doc_count_all())
        )
        self._kept_places = self._reader.column_reader("kept")

    def read(self, term: str) -> Postings:
        """Read the postings of a term, those of deleted cases too."""
        terms = self._reader._terms
        try:
            return _read(self._reader, terms._tindex[terms._keycoder(_TERMS, term.encode())])
        except KeyError:
            return NOTHING

    def read_kept(self, number: int) -> bytes:
        """Read where the terms stand in the texts of a case."""
        try:
            return bytes(self._kept_places[number])
        except Exception:
            return b""  # marking can do without

    def read_words(self) -> list[str]:
        """Read the terms that begin with '='."""
        return sorted(text.decode() for text in self._reader.expand_prefix(_TERMS, "="))


def _merge(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge segments of about the same size when there are many, so that few are left and most writes stay small."""
    levels: dict[int, list[Any]] = {}
    for segment in segments:
        if segment.doc_count():
            levels.setdefault(int(math.log(segment.doc_count(), _FANOUT)), []).append(segment)
    kept = []
    for level in levels.values():
        for segment in level:
            mostly_deleted = 2 * segment.deleted_count() > segment.doc_count_all()
            if len(level) < _FANOUT and not mostly_deleted:
                kept.append(segment)
                continue
            reader = SegmentReader(writer.storage, writer.schema, segment)
            _add(writer, reader)
            reader.close()
    return kept


def _add(writer: Any, reader: Any) -> None:
    """Copy the living cases of a segment and their postings."""
    there = np.full(reader.doc_count_all(), -1, np.int64)
    living = [number for number in range(len(there)) if not reader.is_deleted(number)]
    there[living] = writer.docnum + np.arange(len(living))
    writer.write_per_doc(set(writer.schema.names()), reader)
    terms = reader._terms
    for key, where in terms._tindex.items():
        _, term = terms._keydecoder(key)
        found = _read(reader, where)
        numbers = there[found.numbers]
        kept = numbers >= 0
        if kept.any():
            writer.pool.add_row(term.decode(), numbers[kept], found.values[kept])
    writer._added = True


@dataclass(frozen=True, slots=True)
class _Opened:
    """One generation opened for reading; it never changes, so everything read from it may be kept."""

    lexicon: Lexicon
    cases: Cases
    segments: Mapping[str, _WhooshSegment]


class WhooshEngine:
    """Answers from an index on disk; one open reader per process, changed only when the pointer names another."""

    def __init__(self, root: Path) -> None:
        """Name the folder of the index."""
        self.shelf = Shelf(root)
        self._open: dict[str, _Opened] = {}
        self._opening = threading.Lock()

    def _opened(self, generation: Generation) -> _Opened:
        known = self._open.get(generation.name)
        if known is None:
            with self._opening:
                known = self._open.get(generation.name) or self._open_now(generation)
        return known

    def _open_now(self, generation: Generation) -> _Opened:
        self.shelf.check(generation)
        folder = self.shelf.folder(generation.name)
        lexicon = Lexicon(json.loads((folder / _LEXICON).read_text(encoding="utf-8")))
        index = whoosh_index.open_dir(str(folder), readonly=True)
        schema, storage = index.schema, index.storage
        held: dict[str, _WhooshSegment] = {}
        for opened in self._open.values():
            held.update(opened.segments)
        parts: dict[str, tuple[_WhooshSegment, Collection[int]]] = {}
        for one in index._segments():
            name = one.segment_id()
            parts[name] = (held.get(name) or _WhooshSegment(storage, schema, one), frozenset(one.deleted_docs()))
        cases = Cases(list(parts.values()))
        known = _Opened(lexicon, cases, {name: segment for name, (segment, _) in parts.items()})
        # Only the newest stay open: an older one is asked for by no one after the clock has passed it.
        latest = list(self._open.items())[1 - _MOST_OPEN :]
        self._open = {**dict(latest), generation.name: known}
        return known

    def _current(self, now: datetime, holding: Holding | None) -> _Opened:
        for attempt in range(_TRIES):
            generation = self.shelf.current(now)
            try:
                opened = self._opened(generation)
            except Exception as error:
                # A writer may have put another generation in place between the pointer and the files.
                if attempt < _TRIES - 1 and generation not in self.shelf.generations():
                    continue
                if isinstance(error, SearchUnavailable):
                    raise
                raise IndexDamaged("the index cannot be opened") from error
            if holding is not None and opened.cases.holding != holding:
                raise IndexBehind("the index does not hold what the database shows now")
            return opened
        raise IndexMissing("the index changes too fast")

    def search(self, query: SearchQuery, *, now: datetime, holding: Holding | None = None) -> SearchPage:
        """Answer a question as of a moment; `holding` marks the cases that the database shows at that moment.

        Raises QueryTooLong, and SearchUnavailable when the index is missing, damaged or holds other cases.
        """
        opened = self._current(now, holding)
        try:
            return Answer(opened.cases, opened.lexicon, query).page()
        except QueryTooLong:
            raise
        except Exception as error:
            self._open = {}
            raise IndexDamaged("the index cannot be read") from error

    def generation(self, now: datetime) -> Generation:
        """Give the generation that is read at this moment; raises SearchUnavailable."""
        return self.shelf.current(now)

    def lexicon(self, now: datetime) -> Lexicon:
        """Give the names that are never split at this moment; raises SearchUnavailable."""
        return self._current(now, None).lexicon

    def versions(self, generation: Generation) -> dict[str, int]:
        """Give the ids and versions that a generation holds; raises SearchUnavailable when it cannot be read."""
        try:
            return dict(self._opened(generation).cases.versions)
        except SearchUnavailable:
            raise
        except Exception as error:
            raise IndexDamaged("the index cannot be opened") from error

    def _known(self) -> tuple[Generation, ...]:
        try:
            return self.shelf.generations()
        except SearchUnavailable:
            return ()

    def rebuild(self, documents: Iterable[CaseDocument], valid_from: datetime | None) -> Generation:
        """Build a generation from nothing and put it in the place of one of the same moment."""
        with self.shelf.writing():
            generation = self._build(list(documents), valid_from)
            self._replace(generation)
        return generation

    def _replace(self, generation: Generation) -> None:
        others = (one for one in self._known() if one.valid_from != generation.valid_from)
        self.shelf.publish((*others, generation))

    def _build(self, documents: Collection[CaseDocument], valid_from: datetime | None) -> Generation:
        folder = self.shelf.begin()
        lexicon = lexicon_of(documents)
        (folder / _LEXICON).write_text(json.dumps(sorted(lexicon.names), ensure_ascii=False), encoding="utf-8")
        index = whoosh_index.create_in(str(folder), _schema())
        self._write(index, lexicon, documents, ())
        return self.shelf.seal(folder, valid_from)

    def _write(self, index: Any, lexicon: Lexicon, documents: Collection[CaseDocument], gone: Iterable[int]) -> None:
        writer = index.writer(timeout=30, codec=PackedCodec())
        writer.pool = _Pool()
        try:
            for number in gone:
                writer.delete_document(number)
            for case in index_cases(documents, lexicon):
                writer.pool.add(writer.docnum, pack(case))
                writer.add_document(case=tuple(stored(case)), kept=case.kept)
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=_merge)

    def follow(
        self,
        moment: datetime | None,
        wanted: Mapping[str, int],
        load: Callable[[Collection[str]], Iterable[CaseDocument]],
    ) -> bool:
        """Make the generation of a moment hold exactly the wanted ids and versions; tell whether anything changed.

        Doing it twice changes nothing. Only what differs from the nearest older generation is written anew; the whole
        is built again when there is none, when it is damaged, or when a name came that was not kept whole before.
        """
        with self.shelf.writing():
            known = self._known()
            same = next((one for one in known if one.valid_from == moment), None)
            older = [one for one in known if moment is not None and (one.valid_from is None or one.valid_from < moment)]
            base = same or (max(older, key=age) if older else None)
            try:
                held = self.versions(base) if base else {}
            except (SearchUnavailable, OSError):
                base, held = None, {}
            if base and base is same and held == dict(wanted):
                return False
            changed = [identity for identity, version in wanted.items() if held.get(identity) != version]
            documents = list(load(changed)) if base else []
            generation = None
            if base:
                lexicon = Lexicon(json.loads((self.shelf.folder(base.name) / _LEXICON).read_text(encoding="utf-8")))
                gone = set(held) - set(wanted)
                # A name that left with its case stays unsplit in the words of a live index, but never in a dictionary.
                if lexicon.covers(lexicon_of(documents)):
                    generation = self._amend(base, lexicon, documents, gone, moment)
            if generation is None:
                generation = self._build(list(load(list(wanted))), moment)
            self._replace(generation)
        return True

    def _amend(
        self,
        base: Generation,
        lexicon: Lexicon,
        documents: Collection[CaseDocument],
        gone: Collection[str],
        moment: datetime | None,
    ) -> Generation:
        folder = self.shelf.begin(base)
        if documents or gone:
            gone = {*gone, *(document.id for document in documents)}
            numbers = self._opened(base).cases.stand_at(gone)
            self._write(whoosh_index.open_dir(str(folder)), lexicon, documents, numbers)
        return self.shelf.seal(folder, moment, base)

    def retire(self, keep: Collection[datetime | None]) -> None:
        """Remove the generations of all other moments: those the clock has passed and those no longer planned."""
        with self.shelf.writing():
            known = self._known()
            kept = [one for one in known if one.valid_from in keep]
            if len(kept) != len(known):
                self.shelf.publish(kept)

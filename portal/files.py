"""Uploads: checked by content, size and name, kept by checksum outside every web root."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import filetype
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Base, insert_missing, new_id
from portal.errors import Refusal
from portal.i18n import sentence

CHUNK = 1 << 16
#: Kinds a form may accept → file endings → the type the file is served as.
KINDS: dict[str, dict[str, str]] = {
    "pdf": {"pdf": "application/pdf"},
    "image": {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"},
    "office": {
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "hwpx": "application/hwp+zip",
    },
}
_ZIP_MARKS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/", "hwpx": "Contents/"}


class StoredFile(Base):
    """One kept content; several attachments may share it."""

    __tablename__ = "stored_file"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    content_type: Mapped[str]
    stored_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class StagedFile:
    """An upload that passed its checks and lies in the store, not yet known to the database."""

    name: str
    sha256: str
    size: int
    content_type: str


class FileStore:
    """A folder of files named by their checksum."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where a content lies."""
        return self.folder / sha256[:2] / sha256

    def stage(self, stream: IO[bytes], name: str, *, accept: list[str], most_bytes: int) -> StagedFile:
        """Check an upload and lay it into the store; call it before the write transaction opens.

        Raises Refusal with the sentence for the person: empty, too large, kind not accepted, content unlike its name.
        """
        name = clean_name(name)
        ending = name.rpartition(".")[2].lower()
        accepted = {end: kind for key in accept for end, kind in KINDS[key].items()}
        if ending not in accepted:
            raise Refusal(
                sentence("“%(name)s” cannot be attached. Accepted are: %(endings)s."),
                name=name, endings=", ".join(sorted(accepted)),
            )  # fmt: skip
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        staged = self.folder / f"staged-{new_id()}"
        try:
            digest, size = hashlib.sha256(), 0
            with open(staged, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > most_bytes:
                        raise Refusal(
                            sentence("“%(name)s” is larger than %(megabytes)s MB."),
                            name=name, megabytes=most_bytes // 1_000_000,
                        )  # fmt: skip
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if size == 0:
                raise Refusal(sentence("“%(name)s” is empty."), name=name)
            if not _is_what_it_says(staged, ending, accepted[ending]):
                raise Refusal(sentence("The content of “%(name)s” does not match its ending."), name=name)
            target = self.path(digest.hexdigest())
            target.parent.mkdir(mode=0o700, exist_ok=True)
            staged.replace(target)
        finally:
            staged.unlink(missing_ok=True)
        return StagedFile(name, digest.hexdigest(), size, accepted[ending])


def keep(session: Session, staged: StagedFile, *, now: datetime) -> StoredFile:
    """Return the row of a staged content, made now if it is new; somebody else may bring the same at this moment."""
    values = {
        "id": new_id(), "sha256": staged.sha256, "size": staged.size, "content_type": staged.content_type,
        "stored_at": now,
    }  # fmt: skip
    insert_missing(session, StoredFile, values, unique="sha256")
    return session.scalars(select(StoredFile).where(StoredFile.sha256 == staged.sha256)).one()


def clean_name(name: str) -> str:
    """Return a harmless file name: no folders, no control or direction-changing characters, at most 120 long."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip(". ")
    stem, dot, ending = name.rpartition(".")
    name = (stem[: 110 - len(ending)] + dot + ending) if dot else name[:110]
    return re.sub(r'[<>:"|?*/]', "_", name) or "file"


def _is_what_it_says(path: Path, ending: str, content_type: str) -> bool:
    if ending in _ZIP_MARKS:
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError):
            return False
        is_macro = any(name.lower().endswith("vbaproject.bin") for name in names)
        return any(name.startswith(_ZIP_MARKS[ending]) for name in names) and not is_macro
    guess = filetype.guess(str(path))
    return guess is not None and guess.mime == content_type

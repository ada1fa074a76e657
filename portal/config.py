"""Settings of one site, read once from the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: The licence of the library's data unless the operator names another one.
DATA_LICENCE = "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: what it is called, and where it can be read."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set; see docs/operating.md."""

    instance: Path
    database_url: str
    site_url: str
    secret_key: str
    demonstration: bool
    trusted_proxies: int
    port: int
    workers: int
    smtp_url: str
    mail_from: str
    pseudo_language: bool
    search_engine: str
    data_licence: Licence

    @property
    def files(self) -> Path:
        """Folder of uploaded files, outside every web root."""
        return self.instance / "files"

    @property
    def outbox(self) -> Path:
        """Folder in which mails land while no SMTP server is set."""
        return self.instance / "outbox"

    @property
    def index(self) -> Path:
        """Folder of the search index, a cache that can be rebuilt."""
        return self.instance / "index"

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings and make the instance folder and its secret key where missing.

    Raises ValueError with a clear sentence for a value that cannot be used.
    """
    instance = Path(environ.get("PORTAL_INSTANCE") or ROOT / "instance").resolve()
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = environ.get("DATABASE_URL") or f"sqlite:///{instance / 'portal.sqlite3'}"
    port = _number(environ, "PORT", 8000)
    return Settings(
        instance=instance,
        database_url=_with_driver(url),
        site_url=(environ.get("SITE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        secret_key=environ.get("SECRET_KEY") or _kept_secret(instance / "secret_key"),
        demonstration=environ.get("DEMONSTRATION", "") == "1",
        trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0),
        port=port,
        workers=_number(environ, "WORKERS", 2),
        smtp_url=environ.get("SMTP_URL", ""),
        mail_from=environ.get("MAIL_FROM", "prize@localhost"),
        pseudo_language=environ.get("PSEUDO_LANGUAGE", "") == "1",
        search_engine=_search_engine(environ.get("SEARCH_ENGINE", ""), url),
        data_licence=_licence(environ.get("DATA_LICENCE", "").strip() or DATA_LICENCE),
    )


def _licence(text: str) -> Licence:
    """Read a licence: its name, a space, and its address."""
    name, _, address = text.rpartition(" ")
    if not name.strip() or not address.startswith(("https://", "http://")):
        raise ValueError(f"DATA_LICENCE must be a name and an address, such as {DATA_LICENCE!r}, not {text!r}.")
    return Licence(name.strip(), address)


def _search_engine(name: str, database_url: str) -> str:
    """Return where the search index lies: in files of this machine, or in the database that all machines share."""
    if name not in ("", "embedded", "postgresql"):
        raise ValueError(f"SEARCH_ENGINE must be embedded or postgresql, not {name!r}.")
    if name == "postgresql" and not database_url.startswith("postgresql"):
        raise ValueError("SEARCH_ENGINE=postgresql needs a DATABASE_URL of PostgreSQL.")
    return name or "embedded"


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal():
        raise ValueError(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _with_driver(url: str) -> str:
    """Name the driver that the lock file carries, whatever short form the operator wrote."""
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _kept_secret(path: Path) -> str:
    """Return the key made at the first start; two processes that race agree on one."""
    try:
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()

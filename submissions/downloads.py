"""Attachments on their way out: never run, never sniffed, shown in place only where that is harmless."""

from __future__ import annotations

from flask import Response, send_file

from portal.web import portal
from submissions.models import Attachment

#: Types that a browser may show in place; everything else is saved.
_SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "application/pdf"})


def send_attachment(attachment: Attachment, *, name: str | None = None) -> Response:
    """Answer with the content of an attachment, under its own name or a neutral one.

    The caller has checked who asks. The answer may not run anything, is not kept by caches and keeps its stated type.
    """
    kind = attachment.file.content_type
    response = send_file(
        portal().store.path(attachment.file.sha256), mimetype=kind, as_attachment=kind not in _SHOWN,
        download_name=name or attachment.name, conditional=True, etag=attachment.file.sha256, max_age=None,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "private, no-cache"
    return response

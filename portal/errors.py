"""The refusals that actions raise and the doors turn into answers."""

from __future__ import annotations

from portal.i18n import sentence


class Refusal(Exception):
    """Something a person may not or cannot do now, with the sentence that says why.

    ``message`` is an English sentence marked with ``i18n.sentence``; ``values`` fill its placeholders, moments
    in the zone in which they are to be read.
    ``field`` names the form field it belongs to, if any.
    """

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values


class Hidden(Exception):
    """The thing does not exist, or is not the visitor's: answered 404 in both cases."""


class TooMany(Refusal):
    """A limit was reached; answered 429."""


def check_length(text: str, most: int, field: str) -> None:
    """Raise Refusal at a field whose text has more than ``most`` characters."""
    if len(text) > most:
        raise Refusal(
            sentence("Please use at most %(most)s characters; there are %(used)s."), field=field, most=most,
            used=len(text),
        )  # fmt: skip

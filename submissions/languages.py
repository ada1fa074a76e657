"""The languages an entry may be written in: those of the site first, then others that cities write."""

from __future__ import annotations

from functools import cache

from babel import Locale

from portal.i18n import offered

#: Working languages of cities that have taken part in this and other prizes (BCP 47 tags).
_OTHERS = (
    "am", "ar", "az", "bg", "bn", "cs", "da", "de", "el", "es", "et", "fa", "fi", "fr", "ha", "he", "hi", "hr", "hu",
    "hy", "id", "is", "it", "ja", "ka", "kk", "km", "lo", "lt", "lv", "mn", "ms", "my", "nb", "ne", "nl", "pl", "pt",
    "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh-Hans",
    "zh-Hant",
)  # fmt: skip


@cache
def entry_languages() -> dict[str, str]:
    """Return tag → the language's own name, the site's languages first."""
    tags = [*offered(), *(tag for tag in _OTHERS if tag not in offered())]
    return {tag: own_name(tag) for tag in tags}


@cache
def own_name(tag: str) -> str:
    """Return what a language calls itself, or its tag."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name() or tag
    except ValueError:
        return tag
    return name[:1].upper() + name[1:]

"""What the audit log calls acts, subjects and facts, in the language of the reader; programs use the codes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.i18n import sort_key

#: What happened. A code that is recorded no more keeps its words: it still stands in the logs of those who used it.
ACTS: dict[str, LazyString] = {
    "case.add": _("Case added"),
    "case.change": _("Case changed"),
    "case.picture.add": _("Picture added to a case"),
    "case.picture.change": _("Picture of a case changed"),
    "case.picture.remove": _("Picture removed from a case"),
    "case.publish": _("Case published"),
    "case.restore": _("Earlier version of a case restored"),
    "case.unpublish": _("Case hidden from the public"),
    "case.withdraw": _("Case withdrawn"),
    "collection.change": _("Collection changed"),
    "collection.create": _("Collection begun"),
    "collection.members": _("Cases of a collection chosen"),
    "collection.remove": _("Collection removed"),
    "conflict.complete": _("Declaration of conflicts completed"),
    "conflict.declare": _("Conflict of interest declared"),
    "conflict.detect": _("Conflict of interest detected"),
    "contact.ask": _("Question to a city sent"),
    "contact.done": _("Question to a city marked as done"),
    "contact.reopen": _("Question to a city reopened"),
    "edition.add-category": _("Category added"),
    "edition.add-prize": _("Prize added"),
    "edition.categories": _("Categories changed"),
    "edition.clone": _("Edition copied from an earlier one"),
    "edition.create": _("Edition made"),
    "edition.criteria": _("Criteria changed"),
    "edition.freeze": _("Rules of judging frozen"),
    "edition.prizes": _("Prizes changed"),
    "edition.publish": _("Edition shown to the public"),
    "edition.remove-category": _("Category removed"),
    "edition.remove-prize": _("Prize removed"),
    "edition.rename": _("Names of an edition changed"),
    "edition.rounds": _("Rounds changed"),
    "edition.timeline": _("Timeline changed"),
    "entry.attach": _("Attachment added"),
    "entry.choose_language": _("Language of an entry chosen"),
    "entry.create": _("Entry begun"),
    "entry.delete": _("Draft of an entry deleted"),
    "entry.describe": _("Description of an attachment changed"),
    "entry.erase-contacts": _("Contacts of an entry erased"),
    "entry.remove_attachment": _("Attachment removed"),
    "entry.save": _("Draft of an entry saved"),
    "entry.screen": _("Outcome of screening recorded"),
    "entry.submit": _("Entry submitted"),
    "entry.withdraw": _("Entry withdrawn"),
    "judge.accept": _("Invitation accepted by a judge"),
    "judge.decline": _("Invitation declined by a judge"),
    "judge.delete": _("Invitation of a judge deleted"),
    "judge.invite": _("Judge invited"),
    "judge.remove": _("Judge removed"),
    "notice.change": _("Notice changed"),
    "notice.create": _("Notice written"),
    "notice.remove": _("Notice removed"),
    "organisation.change": _("Organisation changed"),
    "organisation.create": _("Organisation registered"),
    "page.write": _("Information page changed"),
    "person.accept-invitation": _("Invitation accepted"),
    "person.change": _("Name or language of a person changed"),
    "person.change-password": _("Password changed"),
    "person.confirm": _("E-mail address confirmed"),
    "person.create": _("Account made"),
    "person.delete": _("Unused account deleted"),
    "person.erase": _("Account erased"),
    "person.invite": _("Person invited"),
    "person.make-recovery-codes": _("Recovery codes made"),
    "person.remove-second-factor": _("Second factor removed by an administrator"),
    "person.reset-password": _("Forgotten password set anew"),
    "person.restore": _("Account restored"),
    "person.set-up-second-factor": _("Second factor set up"),
    "person.sign-out-everywhere": _("Signed out on all devices"),
    "person.suspend": _("Account suspended"),
    "person.switch-off-second-factor": _("Second factor switched off"),
    "person.use-recovery-code": _("Recovery code used"),
    "prize.decide": _("Prize decided"),
    "prize.revoke": _("Decision on a prize revoked"),
    "publication.approve": _("Decisions approved"),
    "publication.cancel": _("Publication cancelled"),
    "publication.remove": _("Published results removed"),
    "publication.reopen": _("Approval of decisions taken back"),
    "publication.schedule": _("Publication scheduled"),
    "result.add": _("Result added"),
    "role.grant": _("Role given"),
    "role.revoke": _("Role taken away"),
    "round.assign": _("Entries assigned to judges"),
    "round.close": _("Round closed"),
    "round.finalists": _("Finalists chosen"),
    "round.open": _("Round opened"),
    "scorecard.save": _("Draft of a score sheet saved"),
    "scorecard.send": _("Score sheet sent"),
    "search.change": _("Saved search changed"),
    "search.remove": _("Saved search removed"),
    "search.save": _("Search saved"),
    "search.stop": _("Mails of a saved search stopped"),
    "site.change": _("Site settings changed"),
    "site.logo": _("Logo changed"),
    "winner.text": _("Text of a winner written"),
}

#: What it happened to: the part of a subject before the colon.
SUBJECTS: dict[str, LazyString] = {
    "case": _("Case"),
    "collection": _("Collection"),
    "contact": _("Question to a city"),
    "decision": _("Decision"),
    "edition": _("Edition"),
    "entry": _("Entry"),
    "judge": _("Judge"),
    "notice": _("Notice"),
    "organisation": _("Organisation"),
    "page": _("Information page"),
    "person": _("Person"),
    "result": _("Result"),
    "round": _("Round"),
    "scorecard": _("Score sheet"),
    "search": _("Saved search"),
    "site": _("Site settings"),
}

#: What the plain facts of an event tell.
FACTS: dict[str, LazyString] = {
    "applicant_type": _("Applicant type"),
    "as_invited": _("Same address as invited"),
    "assignment": _("Assignment"),
    "attachment": _("Attachment"),
    "blind": _("Judges read blind"),
    "by_mail": _("News by mail"),
    "call_closes_at": _("The call closes"),
    "call_opens_at": _("The call opens"),
    "case": _("Case"),
    "cases": _("Cases"),
    "category": _("Category"),
    "ceremony_at": _("Award ceremony"),
    "ceremony_place": _("Place of the ceremony"),
    "changed": _("Changed fields"),
    "checksum": _("Checksum (SHA-256)"),
    "confirmed": _("Address confirmed"),
    "conflicts": _("Conflicts of interest"),
    "decisions": _("Decisions"),
    "edition": _("Edition"),
    "entries": _("Entries"),
    "entry": _("Entry"),
    "fields": _("Changed fields"),
    "finalists": _("Finalists"),
    "form": _("Entry form"),
    "judges": _("Judges"),
    "kind": _("Kind of conflict"),
    "language": _("Language"),
    "new": _("New assignments"),
    "number": _("Number"),
    "outcome": _("Outcome"),
    "place": _("Place"),
    "position": _("Position"),
    "prize": _("Prize"),
    "public": _("Public"),
    "questions": _("Changed answers"),
    "quota": _("Quota"),
    "quotas": _("Quotas"),
    "rank": _("Rank"),
    "recused": _("Assignments taken back"),
    "reply_until": _("Reply until"),
    "results": _("Results"),
    "results_at": _("Results are announced"),
    "revision": _("Times saved"),
    "role": _("Role"),
    "rounds": _("Rounds of judging"),
    "scores": _("Scores"),
    "screening_ends_at": _("Screening ends"),
    "seed": _("Seed"),
    "sha256": _("Checksum (SHA-256)"),
    "simulated": _("Simulated"),
    "slug": _("Address"),
    "source": _("Copied from"),
    "taken_back": _("Assignments taken back"),
    "total": _("Weighted total"),
    "types": _("Applicant types"),
    "version": _("Version"),
    "visible_from": _("Appears at"),
    "weights": _("Weights"),
    "written": _("Written"),
    "zone": _("Time zone"),
}

_OPENS = re.compile(r"round_(\d+)_opens_at")
_CLOSES = re.compile(r"round_(\d+)_closes_at")


def fact_words(key: str) -> LazyString | None:
    """Return what a fact is called; None for one without words."""
    if match := _OPENS.fullmatch(key):
        return _("Round %(number)s opens", number=match[1])
    if match := _CLOSES.fullmatch(key):
        return _("Round %(number)s closes", number=match[1])
    return FACTS.get(key)


def fact_moment(key: str, value: object) -> datetime | None:
    """Return the moment that a fact tells; None for a fact that tells something else."""
    if isinstance(value, str) and (key.endswith("_at") or key in ("reply_until", "visible_from")):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def sorted_acts(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return codes of acts with their words, in the order of the reader's words; a code without words says itself."""
    named = [(code, str(ACTS.get(code, code))) for code in codes]
    return sorted(named, key=lambda pair: (sort_key(pair[1]), pair[0]))


def sorted_subjects() -> list[tuple[str, str]]:
    """Return the kinds of subjects with their words, in the order of the reader's words."""
    return sorted(((code, str(word)) for code, word in SUBJECTS.items()), key=lambda pair: sort_key(pair[1]))


def subject_code(typed: str) -> str:
    """Return a subject (``kind`` or ``kind:id``) as the log writes it; its kind may be typed in the reader's words."""
    kind, colon, identity = typed.partition(":")
    codes = {str(word).casefold(): code for code, word in SUBJECTS.items()}
    return codes.get(kind.strip().casefold(), kind.strip()) + colon + identity.strip()

"""How the judges of a simulated edition are invited, declare conflicts, score and send."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from judging.actions import conflicts as conflict_actions
from judging.actions import judges as judge_actions
from judging.actions import rounds as round_actions
from judging.actions import scorecards as scorecard_actions
from judging.models import Assignment, Judge
from judging.queries.scorecards import get_rubric
from portal.accounts import actions as account_actions
from portal.simulation.plan import CATEGORIES, PlannedJudge
from portal.simulation.scene import DAY, Scene
from portal.simulation.scores import comment_scores, score_entry


def invite(scene: Scene) -> None:
    """Invite the judges, who sign up and accept; one declines."""
    now = scene.time.screening_ends_at
    with scene.transaction() as session:
        for planned in (*scene.world.judges, scene.world.declining):
            language = "ko" if planned.country.code == "KR" else "en"
            judge, _ = judge_actions.invite_judge(
                session, edition=scene.edition(session), email=planned.email, name=planned.name,
                country=planned.country.code, affiliation="Simulated expert", languages=planned.languages,
                expertise=planned.expertise, language=language, by=scene.secretariat, now=now,
            )  # fmt: skip
            answered = now + timedelta(hours=5, minutes=planned.number)
            if planned.declines:
                judge_actions.decline_invitation(session, judge, now=answered)
                continue
            person = account_actions.create_user(
                session, email=planned.email, name=planned.name, language=language, now=answered
            )
            session.flush()
            judge_actions.accept_invitation(session, judge, user_id=person.id, now=answered)
            scene.judges[planned.number], scene.people[planned.email] = judge.id, person.id


def hold_round(scene: Scene, number: int) -> None:
    """Open a round, assign its entries, let every judge score and send, and close it.

    In the first round judges declare their conflicts before entries are assigned; every fourth one remembers it only
    afterwards, and those entries go to somebody else.
    """
    time, by = scene.time, scene.secretariat
    rounds = {1: (time.round_1_opens_at, time.round_1_closes_at), 2: (time.round_2_opens_at, time.round_2_closes_at)}
    opens, closes = rounds[number]
    with scene.transaction() as session:
        stage = scene.round(session, number)
        round_actions.open_round(session, stage, by=by, now=opens)
        for hours, late in ((0, False), (2, True)) if number == 1 else ((0, None),):
            if late is not None:
                for judge in scene.world.judges:
                    _declare(scene, session, judge, opens + timedelta(hours=hours, minutes=judge.number), late=late)
            now = opens + timedelta(hours=hours + 1)
            round_actions.assign_entries(session, stage, seed=scene.world.seed, by=by, now=now)
    for judge in scene.world.judges:
        _score(scene, number, judge, opens + DAY, closes - opens - 2 * DAY)
    with scene.transaction() as session:
        round_actions.close_round(session, scene.round(session, number), by=by, now=closes)


def _declare(scene: Scene, session: Session, judge: PlannedJudge, now: datetime, *, late: bool) -> None:
    """Declare the conflicts of a judge who is early or late in doing so; early on, the others declare none."""
    is_late = judge.number % 4 == 0
    if late and not is_late:
        return
    planned = [one for one in scene.world.conflicts if one.judge == judge.number and late == is_late]
    declared = {scene.entries[one.entry]: (one.reason, "Simulated") for one in planned}
    row = session.get_one(Judge, scene.judges[judge.number])
    conflict_actions.declare_conflicts(session, row, declared, by=scene.people[judge.email], now=now)


def _score(scene: Scene, number: int, judge: PlannedJudge, begin: datetime, span: timedelta) -> None:
    """Fill in and send the score sheets of one judge, in the judge's own reading order."""
    planned = {scene.entries[entry.number]: entry for entry in scene.world.entries}
    by = scene.people[judge.email]
    with scene.transaction() as session:
        criteria = {
            category: {
                one.key: one.id for one in get_rubric(session, scene.edition_id, category, with_words=False).criteria
            }
            for category in CATEGORIES
        }
        query = select(Assignment).where(
            Assignment.judge_id == scene.judges[judge.number],
            Assignment.round_id == scene.round(session, number).id,
            Assignment.recused_at.is_(None),
        )
        assignments = list(session.scalars(query.order_by(Assignment.position)))
        for place, assignment in enumerate(assignments):
            entry = planned[assignment.entry_id]
            ids = criteria[entry.category]
            now = begin + span * place / len(assignments) + timedelta(seconds=judge.number)
            scores = score_entry(scene.world, number, entry, judge, ids)
            comments = comment_scores(scene.world, number, entry, judge, scores)
            sheet = {ids[key]: (Decimal(score), comments[key]) for key, score in scores.items()}
            if place % 5 == 0:  # now and then somebody stops in the middle and goes on later
                half = dict(list(sheet.items())[: len(sheet) // 2])
                scorecard_actions.save_scorecard(session, assignment, half, by=by, now=now - timedelta(hours=1))
            scorecard_actions.save_scorecard(session, assignment, sheet, by=by, now=now)
            scorecard_actions.send_scorecard(session, assignment, by=by, now=now + timedelta(minutes=2))

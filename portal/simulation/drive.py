"""Takes a planned world through a whole edition, by the same actions that people use, on the plan's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.db import Database
from portal.files import FileStore
from portal.simulation import deciding, entering, panel
from portal.simulation.plan import World
from portal.simulation.scene import Scene


def drive(
    database: Database, store: FileStore, world: World, template: Mapping[str, Any], forms: Mapping[str, Any]
) -> str:
    """Drive an edition from its first setting to the publication of its results and return its address.

    Every step is a few transactions of its own. What happens depends on the seed alone, never on the random ids of the
    rows. Raises entering.AlreadyThere when the site has the edition.
    """
    scene = Scene(database, store, world)
    entering.set_up(scene, template, forms)
    entering.enter(scene)
    entering.screen(scene)
    panel.invite(scene)
    panel.hold_round(scene, 1)
    deciding.choose_finalists(scene)
    panel.hold_round(scene, 2)
    deciding.decide(scene)
    deciding.publish(scene)
    return world.slug

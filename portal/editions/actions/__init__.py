"""Writes of editions, one file per noun; entered by the names below."""

from portal.editions.actions.awards import add_category, add_prize, remove_category, remove_prize
from portal.editions.actions.editions import clone_edition, create_edition, publish_edition, rename_edition
from portal.editions.actions.rules import change_categories, change_criteria, change_prizes, change_rounds, freeze_rules
from portal.editions.actions.timeline import change_timeline

__all__ = [
    "add_category", "add_prize", "change_categories", "change_criteria", "change_prizes", "change_rounds",
    "change_timeline", "clone_edition", "create_edition", "freeze_rules", "publish_edition", "remove_category",
    "remove_prize", "rename_edition",
]  # fmt: skip

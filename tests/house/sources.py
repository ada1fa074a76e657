"""Reads the project's own modules and what they import, for the tests of the house."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.config import ROOT

PACKAGES = ("portal", "submissions", "judging")


@dataclass(frozen=True)
class Module:
    """One module: its dotted name, path, syntax tree, and the project modules it imports."""

    name: str
    path: Path
    tree: ast.Module
    imports: frozenset[str]


@cache
def modules() -> dict[str, Module]:
    """Return every module of the three packages and the door."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))] + [ROOT / "wsgi.py"]
    names = {_name(path): path for path in paths}
    found = {}
    for name, path in names.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found[name] = Module(name, path, tree, frozenset(_imports(tree, names)) - {name})
    return found


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.AST, names: dict[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in names else node.module)
    return found


def foreign_imports(module: Module) -> set[str]:
    """Return the top-level names of everything a module imports."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found

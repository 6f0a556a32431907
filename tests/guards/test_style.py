"""Sizes, names and words that the house style rules out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

MODULE_LINES, MODULE_LINES_AT_ALL = 350, 500
LONG_WITH_REASON: dict[str, str] = {}  # path from src/linkhaul: why it is longer than 350 lines
FUNCTION_LINES = 60
PUBLIC_METHODS = 7
NOT_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "base", "manager", "handler", "data", "info"}
CATCHES_EVERYTHING = {
    "cli/main.py",  # the border to the person: nothing may reach them as a bare traceback
    "motion/engine.py",  # the border of a visit: whatever happens, the run ends in order, and `run` raises it again
    "motion/seeds.py",  # the border of the thread that reads the sources: the engine raises it again
    "crew/reader.py",  # the border of a process: the page is read again in the run's own, where whatever happens is raised
    "api/job.py",  # the border of the job's thread: `result` raises it again
}
NOT_WORDS = re.compile(r"\b(TYPE_CHECKING|NotImplementedError|TODO|FIXME|XXX)\b")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.~)}/-])/(?:home|Users|root|work(?:space)?)/[a-z]")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def length(node: ast.AST) -> int:
    """Return how many lines a node of the tree spans."""
    return int(getattr(node, "end_lineno", 0)) - int(getattr(node, "lineno", 0)) + 1


def defined(modules: dict[str, ast.Module]) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Yield every function and class with where it stands."""
    for module, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, Function | ast.ClassDef):
                yield f"{module}:{node.lineno} {node.name}", node


def is_forbidden(name: str) -> bool:
    """Return whether a name says nothing: one of NOT_NAMES, or a class that ends with one."""
    last_word = re.findall(r"[A-Z][a-z]+", name)[-1:]
    return name.strip("_").lower() in NOT_NAMES or any(word.lower() in NOT_NAMES for word in last_word)


def catches_everything(node: ast.AST) -> bool:
    """Return whether a node catches or suppresses every exception without raising it again."""
    if isinstance(node, ast.ExceptHandler):
        named = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)} if node.type else {"BaseException"}
        raises_again = isinstance(node.body[-1], ast.Raise)
        return bool(named & {"Exception", "BaseException"}) and not raises_again
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        return called == "suppress" and any(isinstance(a, ast.Name) and a.id in ("Exception", "BaseException") for a in node.args)
    return False


def test_modules_are_short(modules: dict[str, ast.Module], root: Path) -> None:
    """A module has at most 350 lines, or says why not in LONG_WITH_REASON; 500 is a fault."""
    lines = {module: (root / "src/linkhaul" / module).read_bytes().count(b"\n") for module in modules}
    limits = {module: MODULE_LINES_AT_ALL if module in LONG_WITH_REASON else MODULE_LINES for module in modules}
    assert {module: count for module, count in lines.items() if count > limits[module]} == {}
    assert [module for module in LONG_WITH_REASON if lines.get(module, 0) <= MODULE_LINES] == []


def test_functions_are_short(modules: dict[str, ast.Module]) -> None:
    """A function has at most 60 lines."""
    assert [where for where, node in defined(modules) if not isinstance(node, ast.ClassDef) and length(node) > FUNCTION_LINES] == []


def test_classes_are_small(modules: dict[str, ast.Module]) -> None:
    """A class has at most seven public methods; the methods that a standard interface prescribes count too."""

    def public(node: ast.ClassDef) -> list[str]:
        return [part.name for part in node.body if isinstance(part, Function) and not part.name.startswith("_")]

    crowded = {where: public(node) for where, node in defined(modules) if isinstance(node, ast.ClassDef)}
    assert {where: names for where, names in crowded.items() if len(names) > PUBLIC_METHODS} == {}


def test_names_say_something(modules: dict[str, ast.Module]) -> None:
    """No folder, module, class or function is named for being useful instead of for what it is."""
    assert [module for module in modules if any(map(is_forbidden, module.removesuffix(".py").split("/")))] == []
    assert [where for where, node in defined(modules) if is_forbidden(node.name)] == []


def test_only_the_borders_catch_everything(modules: dict[str, ast.Module]) -> None:
    """`except Exception` stands only where one thread, or the person, takes over; elsewhere the expected exceptions are named."""
    found = {module for module, tree in modules.items() if any(map(catches_everything, ast.walk(tree)))}
    assert found - CATCHES_EVERYTHING == set()


def test_every_module_says_what_it_is(modules: dict[str, ast.Module]) -> None:
    """Every module opens with a docstring."""
    assert [module for module, tree in modules.items() if not ast.get_docstring(tree)] == []


def test_every_test_states_its_rule(tests: dict[str, ast.Module]) -> None:
    """Every test has a docstring: the rule it holds."""
    silent = [where for where, node in defined(tests) if node.name.startswith("test_") and not ast.get_docstring(node)]
    assert silent == []


def test_nothing_is_left_for_later(texts: dict[str, str]) -> None:
    """No note to ourselves and no typing-only import in the source: what is to do is written where work is planned."""
    source = {path: text for path, text in texts.items() if path.startswith("src/")}
    assert {path: NOT_WORDS.findall(text) for path, text in source.items() if NOT_WORDS.search(text)} == {}


def test_no_file_knows_a_machine(texts: dict[str, str]) -> None:
    """No file names a folder of the machine it was written on."""
    assert {path: SOMEBODYS_FOLDER.findall(text) for path, text in texts.items() if SOMEBODYS_FOLDER.search(text)} == {}


def test_the_guards_notice() -> None:
    """The checks above fail on what they are for."""
    assert all(map(is_forbidden, ["utils", "_helper", "RunManager", "PageData", "base"]))
    assert not any(map(is_forbidden, ["base_url", "Database", "database", "handled", "html"]))
    swallowed = "try:\n    f()\nexcept (ValueError, Exception):\n    pass\n"
    assert any(map(catches_everything, ast.walk(ast.parse(swallowed))))
    assert any(map(catches_everything, ast.walk(ast.parse(swallowed.replace(" (ValueError, Exception)", "")))))
    assert any(map(catches_everything, ast.walk(ast.parse("with contextlib.suppress(Exception):\n    f()"))))
    assert not any(map(catches_everything, ast.walk(ast.parse(swallowed.replace("pass", "raise")))))
    assert SOMEBODYS_FOLDER.search("see " + "/" + "home/ann/notes")
    assert not SOMEBODYS_FOLDER.search("https://shop.example/home/ann")

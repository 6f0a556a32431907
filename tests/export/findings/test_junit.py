"""JUnit XML against the facts of the schema of Ant's reports (Windy Road), restated here as a table."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.export.findings import sample

from linkhaul.export.findings.context import Context, Rules
from linkhaul.export.findings.formats import writer
from linkhaul.model.check import Checked, Coverage, Place, Verdict

GOLDEN = Path(__file__).parents[1] / "golden" / "findings.xml"
TOKEN = r"\S+(?: \S+)*|"
NAME = r"\S+(?: \S+)*"
COUNT = r"\d+"
DECIMAL = r"[+-]?\d+(?:\.\d*)?"
ANY = r"[\s\S]*"
TIME = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"


class Element(NamedTuple):
    """What an element may hold: its children as a pattern over their names, attributes (a star: optional) with patterns, and whether text."""

    children: str
    attributes: dict[str, str]
    has_text: bool = False


SCHEMA = {
    "testsuites": Element(r"(testsuite )*", {}),
    "testsuite": Element(
        r"properties (testcase )*system-out system-err ",
        {"name": NAME, "package": TOKEN, "id": COUNT, "timestamp": TIME, "hostname": NAME, "tests": COUNT, "failures": COUNT, "errors": COUNT, "skipped*": COUNT, "time": DECIMAL},
    ),
    "properties": Element(r"(property )*", {}),
    "property": Element("", {"name": NAME, "value": ANY}),
    "testcase": Element(r"(skipped |error |failure )?", {"name": TOKEN, "classname": TOKEN, "time": DECIMAL}),
    "skipped": Element("", {"message*": ANY}, has_text=True),
    "error": Element("", {"type": ANY, "message*": ANY}, has_text=True),
    "failure": Element("", {"type": ANY, "message*": ANY}, has_text=True),
    "system-out": Element("", {}, has_text=True),
    "system-err": Element("", {}, has_text=True),
}  # fmt: skip


def faults(element: ET.Element) -> list[str]:
    """Return what an element and those below it have against the schema."""
    rule = SCHEMA.get(element.tag)
    if rule is None:
        return [f"{element.tag}: unknown"]
    found = []
    if not re.fullmatch(rule.children, "".join(f"{child.tag} " for child in element)):
        found.append(f"{element.tag}: children {[child.tag for child in element]}")
    if not rule.has_text and ((element.text or "").strip() or any((child.tail or "").strip() for child in element)):
        found.append(f"{element.tag}: text")
    patterns = {name.rstrip("*"): pattern for name, pattern in rule.attributes.items()}
    missing = {name for name in rule.attributes if not name.endswith("*")} - element.attrib.keys()
    found += [f"{element.tag}: lacks {name}" for name in sorted(missing)]
    found += [
        f"{element.tag}: {name}={value!r}" for name, value in element.attrib.items() if not re.fullmatch(patterns.get(name, "(?!)"), value)
    ]
    return found + [fault for child in element for fault in faults(child)]


def document(redirects: str = "warn") -> ET.Element:
    """Return the sample as JUnit, parsed."""
    stream = io.StringIO(newline="")
    writer("junit")(sample.everything(), sample.coverage(), sample.context(redirects), stream)
    return ET.fromstring(stream.getvalue().encode())


def test_it_keeps_the_schema() -> None:
    """Elements, their order, attributes and their types are those that the strictest readers expect."""
    assert faults(document()) == []


def test_the_golden_file_keeps_the_schema() -> None:
    """What stands in the repository as an example is an example."""
    assert faults(ET.parse(GOLDEN).getroot()) == []


TEXT = st.text(st.characters() | st.sampled_from("\0\x0b\x1b\x7f\x85\u2028\ud800\ufffe\uffff\U0001ffff<>&\"' \n"), max_size=40)


@given(url=TEXT, detail=TEXT, text=TEXT, title=TEXT)
def test_no_text_of_the_web_breaks_it(url: str, detail: str, text: str, title: str) -> None:
    """Whatever a URL, a server or an anchor says, readers can parse the file, and it keeps the schema."""
    places = (Place(f"https://a.example/{url}", 1, "raw", text, "page", "a", "href"),)
    found = [Checked(f"https://a.example/{url}", Verdict(verdict, "404", detail, 404), places) for verdict in ("broken", "blocked", "ok")]
    stream = io.StringIO(newline="")
    context = Context(title, "2026-11-22T09:43:48.120Z", Rules(frozenset({"broken"}), "warn"), "0.1.0", sample.ROOT)
    writer("junit")(found, Coverage(1, 3, 3, {"broken": 1, "blocked": 1, "ok": 1}, {}), context, stream)
    assert faults(ET.fromstring(stream.getvalue().encode())) == []


def test_the_counts_are_those_of_the_cases() -> None:
    """A case for each link URL; failures, and skipped for what was not judged or is known, are counted in front."""
    suite = document()[0]
    cases = suite.findall("testcase")
    numbers = [suite.get("tests"), suite.get("failures"), suite.get("skipped")]
    assert numbers == [str(len(cases)), str(len(suite.findall("testcase/failure"))), str(len(suite.findall("testcase/skipped")))]
    assert numbers == ["15", "7", "5"]
    assert document("fail")[0].get("failures") == "9"


def test_a_failure_names_all_places() -> None:
    """Every page that holds the link stands in the failure's text, with line and column where they are known."""
    texts = [failure.text or "" for failure in document()[0].iter("failure")]
    assert any("on docs/a b,c.md:12:5" in text and "on docs/guide.md:7" in text for text in texts)
    assert sum(text.count("https://shop.example/p") for text in texts if "/menu" in text) == 8


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("<testsuites><testsuite/></testsuites>", "lacks hostname"),
        ("<testsuites><other/></testsuites>", "unknown"),
        ('<testcase name="a" classname="b" time="x"/>', "time='x'"),
        ('<testcase name=" a" classname="b" time="0"/>', "name=' a'"),
        ('<testcase name="a" classname="b" time="0"><failure type="x"/><skipped/></testcase>', "children"),
        ('<testcase name="a" classname="b" time="0" file="x">t</testcase>', "text"),
    ],
)
def test_the_schema_notices(xml: str, said: str) -> None:
    """The check above fails on what the schema forbids."""
    assert any(said in fault for fault in faults(ET.fromstring(xml)))

"""The report in a real browser: it asks nobody for anything, complains of nothing, sorts, filters, and can be read by everyone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import CHROMIUM
from tests.export.report import sample

from linkhaul.export.report.writing import write_report

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OWN_RULES = """() => {
  const faults = [], seen = new Set();
  for (const each of document.querySelectorAll("[id]")) { if (seen.has(each.id)) faults.push("id twice: " + each.id); seen.add(each.id); }
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"])
    for (const each of document.querySelectorAll(`[${name}]`))
      for (const id of each.getAttribute(name).split(" ")) if (!seen.has(id)) faults.push(name + " leads nowhere: " + id);
  for (const each of document.querySelectorAll("button, a, input")) {
    const name = each.textContent.trim() || [...(each.labels ?? [])].map(label => label.textContent).join("");
    if (!name && each.checkVisibility()) faults.push("without a name: " + each.outerHTML);
  }
  const light = color => {
    const [r, g, b] = color.match(/[0-9.]+/g).map(part => part / 255).map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = each => {
    while (each && /, 0\\)$/.test(getComputedStyle(each).backgroundColor)) each = each.parentElement;
    return each ? getComputedStyle(each).backgroundColor : "rgb(255, 255, 255)";
  };
  for (const each of document.querySelectorAll("p, td, th, dt, dd, b, small, a, button, figcaption, code, caption, h1, h2, span")) {
    const [one, other] = [light(getComputedStyle(each).color), light(behind(each))];
    if ((Math.max(one, other) + .05) / (Math.min(one, other) + .05) < 4.5) faults.push("hard to read: " + each.outerHTML.slice(0, 100));
  }
  return faults;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the hostile sample as a page and return its address on disk."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(sample.report(), str(path), "html")
    return path.as_uri()


class Opened:
    """A page, opened, with everything that it asked for and complained of."""

    def __init__(self, browser: Any, address: str, **choices: Any) -> None:
        self.page = browser.new_page(**choices)
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.goto(address)


SIZES = [pytest.param(1200, id="desk"), pytest.param(360, id="phone")]
SCHEMES = ["light", "dark"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", SIZES)
def test_it_asks_for_nothing_and_fits(browser: Any, address: str, width: int, scheme: str) -> None:
    """One request, for itself; nothing on the console; no page wider than its window; names, ids and contrast are as they should be."""
    opened = Opened(browser, address, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert opened.asked == [address]
    assert opened.said == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.evaluate(OWN_RULES) == []
    opened.page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(browser: Any, address: str, scheme: str) -> None:
    """Where axe-core has been installed: npm install --no-save axe-core."""
    if not AXE.is_file():
        pytest.skip("there is no node_modules/axe-core: npm install --no-save axe-core")
    opened = Opened(browser, address, color_scheme=scheme, bypass_csp=True)
    opened.page.add_script_tag(path=str(AXE))
    found = opened.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(fault["impact"], fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []
    opened.page.close()


def test_tables_are_sorted(browser: Any, address: str) -> None:
    """By the keyboard, too: text from A, numbers from the largest, then the other way; what is absent stays last."""
    opened = Opened(browser, address)
    heads = opened.page.locator("#table-pages thead th")
    cells = opened.page.locator("#table-pages tbody td:nth-child(3)")
    heads.nth(2).locator("button").focus()
    opened.page.keyboard.press("Enter")
    assert cells.all_text_contents() == ["100", "20", "10", "9", "5", "4", "3", "1", "", ""]
    assert heads.nth(2).get_attribute("aria-sort") == "descending"
    opened.page.keyboard.press("Enter")
    assert cells.all_text_contents() == ["1", "3", "4", "5", "9", "10", "20", "100", "", ""]
    heads.nth(3).locator("button").click()
    assert opened.page.locator("#table-pages tbody td:nth-child(4)").all_text_contents()[:2] == ["1,234.5", "7.25"]
    assert heads.nth(2).get_attribute("aria-sort") is None
    heads.nth(1).locator("button").click()
    titles = opened.page.locator("#table-pages tbody td:nth-child(2)").all_text_contents()
    assert titles[:-1] == sorted(titles[:-1])
    opened.page.close()


def test_tables_are_filtered(browser: Any, address: str) -> None:
    """By any text of a row, in any case; how many are left is said; an empty field shows all."""
    opened = Opened(browser, address)
    field = opened.page.get_by_label("Show rows with")
    field.fill("HETA")
    assert opened.page.locator("#table-pages tbody tr:visible").count() == 1
    assert opened.page.locator("output").text_content() == "1 of 10 rows"
    field.fill("")
    assert opened.page.locator("#table-pages tbody tr:visible").count() == 10
    assert opened.page.locator("output").text_content() == ""
    opened.page.close()


def test_its_text_needs_no_script(browser: Any, address: str) -> None:
    """Everything is there without one; what only a script can do is not shown."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert "The first 10 of 5,000 rows" in page.locator("main").inner_text()
    assert page.locator("tbody tr").count() == 11
    assert page.locator("input:visible").count() == page.locator("button").count() == 0
    context.close()


def test_it_prints(browser: Any, address: str) -> None:
    """On paper every row of a table is there, and nothing that only a screen can use."""
    opened = Opened(browser, address)
    opened.page.emulate_media(media="print")
    assert opened.page.locator("nav:visible, input:visible").count() == 0
    assert opened.page.evaluate("[...document.querySelectorAll('.tall')].every(each => each.scrollHeight <= each.clientHeight + 1)")
    assert opened.page.pdf().startswith(b"%PDF")
    opened.page.close()

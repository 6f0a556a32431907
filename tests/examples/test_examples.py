"""The examples do what they say, and the notebook runs in a real kernel."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOK = EXAMPLES / "from_script_to_linkhaul.ipynb"

SAYS: dict[str, list[str]] = {
    "beside_other_work.py": ["23 links were read", "as ever"],
    "every_link_to_csv.py": ["32 links of 4 pages", "'ok': 3", "'http-error': 1"],
    "one_document.py": [
        "Moss: https://shop.example/guide/moss/ (written 'moss/', in nav, follow=True)",
        "ferns: https://shop.example/shop/?q=fern#top",
        "fern-large.jpg",
        "https://xn--ji1a.example/?q=%91%DB",
    ],
    "pages_as_they_come.py": ["/shop/: ok, 16 links, 0 redirects", "/about/find-us/: ok, 8 links, 3 redirects"],
    "rows_as_a_dataframe.py": ["42 rows of 20 columns", "main: ", "footer: 2 different URLs"],
    "urls_from_a_table.py": ["images and style links are in assets.jsonl.gz", "/img/leaf.svg"],
    "what_went_wrong.py": ["1 x robots: ", "http-error  404", "not-html  200", "ok  200   16 links"],
    "whom_we_link_to.py": ["2 x xn--bcher-mller-thbg.example", "links to other sites are followed"],
}
"""What each example prints, in part."""

WRITES = {
    "every_link_to_csv.py": ["links.csv", "pages.csv"],
    "rows_as_a_dataframe.py": ["links.parquet"],
    "urls_from_a_table.py": ["assets.jsonl.gz", "products.csv"],
}
NEEDS = {"rows_as_a_dataframe.py": "pyarrow"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder to be in, with the run files beside it."""
    state, work = tmp_path / "state", tmp_path / "work"
    state.mkdir()
    work.mkdir()
    for name in ("HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(state))
    monkeypatch.chdir(work)
    return work


@pytest.mark.parametrize("name", SAYS)
def test_an_example_does_what_it_says(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each script runs as it stands, prints what is promised, and writes its files and no others; twice, to the same end."""
    if name in NEEDS:
        pytest.importorskip(NEEDS[name], reason=f"{name} needs {NEEDS[name]}")
    for _ in range(2):
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        printed = capsys.readouterr().out
        assert [words for words in SAYS[name] if words not in printed] == [], printed
    assert sorted(path.name for path in folder.iterdir()) == WRITES.get(name, [])


def test_every_example_is_run_and_short() -> None:
    """No example is left out of the table above, and each holds one idea in less than 40 lines."""
    found = {path.name: path.read_text(encoding="utf-8").count("\n") for path in EXAMPLES.glob("*.py")}
    assert found.keys() == SAYS.keys()
    assert {name: lines for name, lines in found.items() if lines >= 40} == {}


def _notebook() -> Any:
    nbformat = pytest.importorskip("nbformat", reason="the notebook is run with nbclient and ipykernel, which are not installed")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    return notebook


def test_the_notebook_is_stored_without_outputs() -> None:
    """What is committed is what was written: no outputs, no counts, and every step explained before its cell."""
    cells = _notebook().cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    assert cells[0].cell_type == "markdown"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's client, on event loop policies
def test_the_notebook_runs_in_a_real_kernel(folder: Path) -> None:
    """All cells run in order in a kernel, where a loop is running already, and show what they are there to show."""
    nbclient = pytest.importorskip("nbclient", reason="the notebook is run with nbclient, which is not installed")
    pytest.importorskip("ipykernel", reason="the notebook is run in ipykernel, which is not installed")
    notebook = _notebook()
    nbclient.NotebookClient(notebook, timeout=50, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    shown = "".join(
        str(output.get("text", "")) + str(output.get("data", "")) for cell in notebook.cells for output in cell.get("outputs", [])
    )
    for words in (
        "'ok': 33",
        "1 x robots: /shop/basket/",
        "/visit ok 8 links",
        "8 lines were added",
        "<table>",
        "https://shop.example/guide/sizes?id=7#eu",
    ):
        assert words in shown
    assert sorted(path.name for path in folder.iterdir()) == ["links.csv", "pages.csv", "urls.txt"]

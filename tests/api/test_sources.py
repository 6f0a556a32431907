"""What is named as a source becomes seeds: URLs in their normal form."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkhaul.api.sources import gather
from linkhaul.model.url import parse

NAMES = (
    "a.html",
    "b c.html",
    "d#e.html",
    "f%20g.html",
    "h..i.html",
    ".j.html",
    "~k.html",
    "l-m_n/1.2/o.html",
    "p'q/r.html",
    "s^t.html",
    "ü.html",
    "u&v;w.html",
)


@pytest.mark.parametrize("base_url", [None, "https://example.org/docs"], ids=["disk", "web"])
def test_files_are_seeds_in_normal_form(base_url: str | None, tmp_path: Path) -> None:
    """Whatever a file's name holds, its URL is in normal form, begins with the folder's, and no two are one."""
    folder = tmp_path / "a b~c"
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    sources = gather(folder, base_url)
    ((prefix, root),) = sources.roots
    urls = [seed.url or "" for seed in sources.open(lambda _, __: None)]
    assert root == folder
    assert len(set(urls)) == len(NAMES)
    assert [url for url in urls if not url.startswith(prefix) or parse(url) != url or "#" in url] == []
    assert {f"{prefix}a.html", f"{prefix}b%20c.html", f"{prefix}f%2520g.html", f"{prefix}l-m_n/1.2/o.html"} <= set(urls)

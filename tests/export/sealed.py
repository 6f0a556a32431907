"""What holds of every HTML page that we write: nothing is loaded, and nothing runs but its own style and script."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any


def assert_sealed(page: Any) -> None:
    """The policy names the digests of just the style and the script that are there, and neither reaches out.

    Args:
        page: parsed, see `tests.export.findings.test_html_page.Page`.
    """
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    inside = {tag: text for tag, text in page.texts if tag in ("style", "script")}
    style, script = (base64.b64encode(hashlib.sha256(inside[tag].encode()).digest()).decode() for tag in ("style", "script"))
    assert policy == f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import|fetch\(|innerHTML|eval", inside["style"] + inside["script"])
    assert page.all("link") == page.all("img") == page.all("iframe") == []

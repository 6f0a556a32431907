"""The head of every HTML page that we write: readable on a phone, silent towards other sites, and with a policy that lets nothing be loaded.

Nothing runs but the page's own style and script, which the policy names by their digests: whatever text from the web were taken for markup would do nothing.
"""

from __future__ import annotations

import base64
import hashlib


def html_head(title: str, style: str, script: str) -> str:
    """Return a page up to its body.

    Args:
        title: as markup: escaped already.
        style: of the page; the script stands at its end, just as it is given here.
    """
    policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )


def _digest(text: str) -> str:
    """Return what a policy calls an inline style or script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

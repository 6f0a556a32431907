"""What is printed where standard output has few letters, as on Windows when it is redirected, or with LANG=C."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator

import pytest
from tests.api.site import Reply, served

from linkhaul.cli.main import main

Do = Callable[..., str]
JAPANESE = "<meta charset=utf-8><title>日本 “→”</title><a href=/ä>日本</a><a href=/b>é</a>"


@pytest.fixture(params=["ascii", "cp1252", "cp437"])
def do(request: pytest.FixtureRequest) -> Do:
    """Return the command with a standard output of such an encoding; it gives what came out as bytes read as Latin-1."""

    def command(*words: str) -> str:
        printed = io.BytesIO()
        with io.TextIOWrapper(printed, encoding=request.param, newline="") as stream, pytest.MonkeyPatch.context() as patched:
            patched.setattr(sys, "stdout", stream)
            code = main(list(words))
            stream.flush()
            told = printed.getvalue().decode("latin-1")
        assert code in (0, 1), (words, code)
        return told

    return command


@pytest.fixture
def twice() -> Iterator[str]:
    """Crawl a site in Latin letters, and again in Japanese."""
    with served({"/": Reply("<title>old</title><a href=/b>b</a>"), "/b": Reply("b")}) as site:
        for name, text in (("old.run", None), ("new.run", JAPANESE)):
            if text is not None:
                site.pages |= {"/": Reply(text)}
            assert main(["crawl", "-q", site.url(), "--run", name, "--facts", "--no-sitemaps", "--retries", "0", "-o", f"{name}.csv"]) == 0
        yield site.url()


def test_every_verb_prints_what_it_can(do: Do, twice: str) -> None:
    """No letter that the encoding lacks is a fault: a person sees another in its place, and documents and tables are UTF-8."""
    for document in ("text", "markdown", "json", "csv"):
        assert do("diff", "old.run", "new.run", "--format", document)
        assert do("audit", "new.run", "--format", document)
    assert "â" in do("diff", "old.run", "new.run", "--format", "markdown")  # the first byte of an arrow in UTF-8
    for words in (
        ["report", "new.run", "--format", "md"],
        ["status", "new.run"],
        ["explain", "new.run", "/"],
        ["urls", "new.run"],
        ["export", "new.run"],
        ["audit", "--list"],
        ["runs"],
        ["links", "-q", twice],
        ["links", "--print-config"],
        ["--help"],
        ["check", "--help"],
        ["completion", "zsh"],
    ):
        assert do(*words)
    for document in ("people", "markdown", "junit", "github", "html", "csv", "jsonl"):
        assert do("check", "new.run", "--only", "internal", "--confirm-after", "0", "--format", document)

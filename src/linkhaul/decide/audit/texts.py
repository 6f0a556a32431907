"""Rules of titles, descriptions, headings and the text of a page."""

from __future__ import annotations

from linkhaul.decide.audit import sources
from linkhaul.decide.audit.rule import Examined, Rule, listed, quoted
from linkhaul.decide.audit.widths import DESCRIPTION_FONT, DESCRIPTION_MOST, TITLE_FONT, TITLE_MOST, width_px

SAYS_NOTHING = frozenset({
    "accueil", "default", "document", "home", "home page", "homepage", "index", "index of /", "inicio", "main", "main page", "my site", "new page",
    "page", "profile", "start", "startseite", "title", "unbenannt", "untitled", "untitled document", "untitled page", "welcome", "willkommen",
})  # fmt: skip
DESCRIPTION_LEAST = 250
FEW_WORDS = 50
"""Words of content under which a page is called thin. No search engine names a number; so few say little on any subject."""


def _title_missing(page: Examined) -> str | None:
    if not page.facts.titles:
        return "there is no title element"
    return None if any(page.facts.titles) else "the title element is empty"


def _title_many(page: Examined) -> str | None:
    titles = page.facts.titles
    return f"{len(titles)} title elements: {', '.join(map(quoted, titles))}" if len(titles) > 1 else None


def _title(page: Examined) -> str:
    return page.facts.titles[0] if page.facts.titles else ""


def _title_long(page: Examined) -> str | None:
    width = width_px(_title(page), TITLE_FONT)
    return f"{width:,} pixels wide: {quoted(_title(page))}" if width > TITLE_MOST else None


def _title_vague(page: Examined) -> str | None:
    title = _title(page)
    return quoted(title) if title.strip(" .!-").lower() in SAYS_NOTHING else None


def _description_missing(page: Examined) -> str | None:
    if not page.facts.descriptions:
        return "there is no meta description"
    return None if any(page.facts.descriptions) else "the meta description is empty"


def _description_many(page: Examined) -> str | None:
    found = page.facts.descriptions
    return f"{len(found)} meta descriptions: {', '.join(quoted(each, 60) for each in found)}" if len(found) > 1 else None


def _description_long(page: Examined) -> str | None:
    text = next(iter(page.facts.descriptions), "")
    width = width_px(text, DESCRIPTION_FONT)
    return f"{width:,} pixels wide: {quoted(text)}" if width > DESCRIPTION_MOST else None


def _description_short(page: Examined) -> str | None:
    text = next(iter(page.facts.descriptions), "")
    width = width_px(text, DESCRIPTION_FONT)
    return f"{width} pixels wide: {quoted(text)}" if 0 < width < DESCRIPTION_LEAST else None


def _first_headings(page: Examined) -> list[str]:
    return [heading.text for heading in page.facts.headings if heading.level == 1]


def _h1_missing(page: Examined) -> str | None:
    if _first_headings(page):
        return None
    first = next(iter(page.facts.headings), None)
    return f"the first heading is an h{first.level}: {quoted(first.text)}" if first else "there is no heading at all"


def _h1_many(page: Examined) -> str | None:
    found = _first_headings(page)
    return f"{len(found)} h1 elements: {listed([quoted(text, 60) for text in found[:3]], len(found))}" if len(found) > 1 else None


def _heading_skipped(page: Examined) -> str | None:
    before = None
    for heading in page.facts.headings:
        if before is not None and heading.level > before.level + 1:
            return f"an h{heading.level} follows an h{before.level}: {quoted(heading.text)} after {quoted(before.text)}"
        before = heading
    return None


def _heading_empty(page: Examined) -> str | None:
    empty = [f"h{heading.level}" for heading in page.facts.headings if not heading.text]
    return f"{len(empty)} without text: {listed(empty[:3], len(empty))}" if empty else None


def _thin(page: Examined) -> str | None:
    return f"{page.facts.words} words of content" if page.facts.words < FEW_WORDS else None


RULES: tuple[Rule, ...] = (
    Rule(
        id="title-missing", severity="error", where="page", look=_title_missing, what="The page has no title",
        why="The title is the text of the link in search results, of the browser's tab and of bookmarks. Without one, a search engine makes one up.",
        source=sources.TITLES, mend="Give the page a title element that says in a few words what is on this page and on no other.",
    ),
    Rule(
        id="title-many", severity="warning", where="page", look=_title_many, what="The page has more than one title",
        why="A document has one title; which of several is shown is up to the browser or search engine.",
        source=sources.TITLE_ELEMENT, mend="Keep one title element. A second one often comes from a plugin or a template that adds its own.",
    ),
    Rule(
        id="title-too-long", severity="notice", where="indexable", look=_title_long, what=f"The title is wider than {TITLE_MOST} pixels",
        why="Search results cut titles by their width, and what is cut is not read. Google names no number; this is what its results show on a desktop.",
        source=sources.TITLES, mend="Put first what tells the page apart, and leave away what every page says.",
    ),
    Rule(
        id="title-says-nothing", severity="notice", where="indexable", look=_title_vague, what="The title says nothing of the page",
        why="“Home” or “Index” tell nobody what the page is about; search engines replace such titles.",
        source=sources.TITLES, mend="Write what the page is about.",
    ),
    Rule(
        id="description-missing", severity="notice", where="indexable", look=_description_missing, what="The page has no meta description",
        why="It may be shown below the link in search results and in previews; without it a piece of the page's text is.",
        source=sources.SNIPPETS, mend="Write a sentence or two for each page that matters; leave it away where none can be written by hand or from data.",
    ),
    Rule(
        id="description-many", severity="warning", where="page", look=_description_many, what="The page has more than one meta description",
        why="There must be one at most for each language; which of several counts is not defined.",
        source=sources.META_NAMES, mend="Keep one. A second one often comes from a plugin.",
    ),
    Rule(
        id="description-too-long", severity="notice", where="indexable", look=_description_long,
        what=f"The description is wider than {DESCRIPTION_MOST} pixels",
        why="Search results cut it. Google sets no limit to what is written; this is about what its results show on a desktop.",
        source=sources.SNIPPETS, mend="Say what matters in the first 150 letters or so.",
    ),
    Rule(
        id="description-too-short", severity="notice", where="indexable", look=_description_short, what="The description says next to nothing",
        why="A few words are seldom worth showing, and a search engine takes text of the page instead.",
        source=sources.SNIPPETS, mend="Write a sentence that says what a visitor finds here.",
    ),
    Rule(
        id="h1-missing", severity="warning", where="indexable", look=_h1_missing, what="The page has no h1",
        why="The first heading tells people, screen readers and search engines what the page is about.",
        source=sources.WCAG_HEADINGS, mend="Make the page's own name its h1.",
    ),
    Rule(
        id="h1-many", severity="notice", where="indexable", look=_h1_many, what="The page has more than one h1",
        why="Several headings of the highest level leave open which names the page.",
        source=sources.HEADINGS, mend="Keep one h1 for the page's name; make the others h2.",
    ),
    Rule(
        id="heading-skipped", severity="notice", where="page", look=_heading_skipped, what="A level of headings is left out",
        why="Who moves by headings, as people with screen readers do, takes a level that is left out for content that is missing.",
        source=sources.HEADINGS, mend="Choose the level by the outline and the size by CSS: an h3 stands below an h2.",
    ),
    Rule(
        id="heading-empty", severity="warning", where="page", look=_heading_empty, what="A heading is empty",
        why="Screen readers announce a heading and then say nothing.",
        source=sources.WCAG_HEADINGS, mend="Take it away, or give it text; space is made with CSS.",
    ),
    Rule(
        id="thin-page", severity="notice", where="indexable", look=_thin, what=f"The page has fewer than {FEW_WORDS} words of content",
        why="Search engines look for pages that say something of their own. No number of words is asked for; this few say little on any subject.",
        source=sources.USEFUL_CONTENT, mend="Say more, join it with another page, or ask search engines to leave it out with noindex.",
    ),
)  # fmt: skip

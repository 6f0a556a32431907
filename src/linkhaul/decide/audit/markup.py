"""Rules of what a page's markup holds: language, encoding, images, links, previews and structured data."""

from __future__ import annotations

import re

from linkhaul.decide.audit import sources
from linkhaul.decide.audit.codes import fault_of_lang
from linkhaul.decide.audit.rule import Examined, Rule, listed, quoted, some

CHARSET_WITHIN = 1_024
OPEN_GRAPH_NEEDS = ("og:title", "og:type", "og:image", "og:url")
CARD_TYPES = frozenset({"summary", "summary_large_image", "app", "player"})
_ADDRESSED = ("og:image", "og:url", "og:video", "og:audio", "twitter:image", "twitter:image:src")
_NO_ZOOM = re.compile(r"user-scalable\s*=\s*(?:no|0)\b|maximum-scale\s*=\s*(0?\.\d+|1(?:\.\d+)?)\b", re.IGNORECASE)
_WAIT = re.compile(r"\s*(\d+)")


def _lang_missing(page: Examined) -> str | None:
    return None if (page.facts.lang or "").strip() else "the html element has no lang"


def _lang_wrong(page: Examined) -> str | None:
    lang = (page.facts.lang or "").strip()
    fault = fault_of_lang(lang) if lang else None
    return f"{quoted(lang)}: {fault}" if fault else None


def _charset_missing(page: Examined) -> str | None:
    facts = page.facts
    if facts.charset_header or facts.charset_meta or page.charset_from == "bom":
        return None
    return f"neither in the Content-Type nor in a meta element; it was read as {page.charset or 'UTF-8'}"


def _charset_late(page: Examined) -> str | None:
    at = page.facts.charset_at
    if at is None or at <= CHARSET_WITHIN or page.facts.charset_header:
        return None
    return f"the meta element ends at byte {at:,}"


def _charset_old(page: Examined) -> str | None:
    declared = page.facts.charset_header or page.facts.charset_meta
    if declared is None or (page.charset or "UTF-8").upper() == "UTF-8":
        return None
    return f"it is declared as {declared}, which browsers read as {page.charset}"


def _doctype(page: Examined) -> str | None:
    return None if page.facts.has_doctype else "the document does not begin with <!DOCTYPE html>"


def _viewport_missing(page: Examined) -> str | None:
    return "there is no meta viewport" if page.facts.viewport is None else None


def _viewport_locked(page: Examined) -> str | None:
    return quoted(page.facts.viewport) if page.facts.viewport is not None and _NO_ZOOM.search(page.facts.viewport) else None


def _refresh(page: Examined) -> str | None:
    return quoted(page.facts.refresh) if page.facts.refresh is not None and _WAIT.match(page.facts.refresh) else None


def _graph_missing(page: Examined) -> str | None:
    return None if any(name.startswith("og:") for name in page.facts.open_graph) else "no og: property at all"


def _graph_part(page: Examined) -> str | None:
    there = {name for name, content in page.facts.open_graph.items() if content}
    if not any(name.startswith("og:") for name in there):
        return None
    lacking = [name for name in OPEN_GRAPH_NEEDS if name not in there and not any(each.startswith(name + ":") for each in there)]
    return f"it lacks {', '.join(lacking)}" if lacking else None


def _preview_relative(page: Examined) -> str | None:
    every = page.facts.open_graph | page.facts.twitter
    wrong = [f"{name}={every[name]}" for name in _ADDRESSED if every.get(name) and not re.match(r"https?://", every[name], re.IGNORECASE)]
    return listed(wrong[:3], len(wrong)) if wrong else None


def _card(page: Examined) -> str | None:
    card = page.facts.twitter.get("twitter:card")
    if card is None:
        return "it has twitter: properties and no twitter:card" if page.facts.twitter and not page.facts.open_graph else None
    return None if card.strip().lower() in CARD_TYPES else f"twitter:card is {quoted(card)}"


def _json_ld(page: Examined) -> str | None:
    faults = page.facts.json_ld_faults
    return f"{len(faults)} of {page.facts.json_ld_count} blocks: {faults[0]}" if faults else None


RULES: tuple[Rule, ...] = (
    Rule(
        id="lang-missing", severity="warning", where="page", look=_lang_missing, what="The page does not say its language",
        why="Screen readers then speak it in the visitor's own language, and browsers offer no translation.",
        source=sources.WCAG_LANGUAGE, mend="Write <html lang=\"en\">, with the page's language.",
    ),
    Rule(
        id="lang-wrong", severity="warning", where="page", look=_lang_wrong, what="The page's language is no language",
        why="A tag that is none counts as none.",
        source=sources.LANG, mend="Take a tag of BCP 47: a language, and a region only where it matters, such as pt-BR.",
    ),
    Rule(
        id="charset-missing", severity="warning", where="page", look=_charset_missing, what="The page does not declare its encoding",
        why="Browsers guess, and wrong guesses show as “Ã¤” in place of “ä”.",
        source=sources.CHARSET, mend='Write <meta charset="utf-8"> first in the head.',
    ),
    Rule(
        id="charset-late", severity="warning", where="page", look=_charset_late,
        what=f"The encoding is declared after the first {CHARSET_WITHIN:,} bytes",
        why="The declaration must stand within them, because that is where browsers look; one that is later may make them begin anew.",
        source=sources.CHARSET, mend="Make <meta charset> the first element of the head.",
    ),
    Rule(
        id="charset-not-utf-8", severity="warning", where="page", look=_charset_old, what="The page is not written in UTF-8",
        why="The standard knows no other encoding for new documents; forms and addresses of such pages are encoded in ways that surprise.",
        source=sources.CHARSET, mend="Convert the page, and declare UTF-8.",
    ),
    Rule(
        id="doctype-missing", severity="warning", where="page", look=_doctype, what="The page has no doctype",
        why="Browsers then lay it out in quirks mode, after the faults of the nineties.",
        source=sources.DOCTYPE, mend="Begin with <!DOCTYPE html>.",
    ),
    Rule(
        id="viewport-missing", severity="warning", where="page", look=_viewport_missing, what="The page has no viewport",
        why="Phones show it as wide as a desktop and small; search engines look at pages as a phone does.",
        source=sources.MOBILE, mend='Write <meta name="viewport" content="width=device-width, initial-scale=1">.',
    ),
    Rule(
        id="viewport-locked", severity="warning", where="page", look=_viewport_locked, what="The page forbids zooming",
        why="People who see badly must be able to make text twice as large.",
        source=sources.WCAG_ZOOM, mend="Leave user-scalable and maximum-scale away.",
    ),
    Rule(
        id="meta-refresh", severity="warning", where="page", look=_refresh, what="The page reloads or leaves by itself",
        why="Readers lose their place, and search engines have to guess what kind of redirect is meant.",
        source=sources.REFRESH, mend="Redirect with a status of 301 or 302.",
    ),
    Rule(
        id="open-graph-missing", severity="notice", where="indexable", look=_graph_missing, what="The page has no Open Graph properties",
        why="Where people share the page, the preview is left to chance.",
        source=sources.OPEN_GRAPH, mend="Add og:title, og:type, og:image and og:url to pages that are shared.",
    ),
    Rule(
        id="open-graph-incomplete", severity="notice", where="indexable", look=_graph_part, what="The Open Graph properties are not complete",
        why="The protocol requires og:title, og:type, og:image and og:url of every page.",
        source=sources.OPEN_GRAPH, mend="Add what is missing.",
    ),
    Rule(
        id="preview-relative", severity="warning", where="page", look=_preview_relative, what="A preview has a relative address",
        why="og:url and the images of previews are read without the page around them; most readers want them in full.",
        source=sources.OPEN_GRAPH, mend="Write them with https:// and the host.",
    ),
    Rule(
        id="twitter-card-wrong", severity="notice", where="page", look=_card, what="The Twitter card is none",
        why="twitter:card must be summary, summary_large_image, app or player, or no card is shown.",
        source=sources.CARDS, mend="Take one of the four.",
    ),
    Rule(
        id="json-ld-broken", severity="error", where="page", look=_json_ld, what="A block of JSON-LD does not parse",
        why="What is in it is lost: no rich result can come of it.",
        source=sources.STRUCTURED, mend="Mend the JSON; a comma too many and line ends within texts are what is mostly wrong.",
    ),
    Rule(
        id="image-without-alt", severity="warning", where="page", what="An image has no alternative text",
        look=lambda page: some(page.facts.images_without_alt, "image", "images"),
        why="Who cannot see the image hears its file's name instead; search engines take the text to know what it shows.",
        source=sources.WCAG_TEXT, mend='Say what the image shows; write alt="" where it only decorates.',
    ),
    Rule(
        id="image-without-size", severity="notice", where="page", what="An image has no width and height",
        look=lambda page: some(page.facts.images_without_size, "image", "images"),
        why="The browser cannot keep its place, so the page jumps when it comes.",
        source=sources.DIMENSIONS, mend="Give width and height in pixels as attributes; CSS may still scale it.",
    ),
    Rule(
        id="link-says-nothing", severity="notice", where="page", what="A link's text says nothing of where it leads",
        look=lambda page: some(page.facts.vague_anchors, "link", "links"),
        why="People scan pages by their links, screen readers list them, and search engines take their text for what the target is about.",
        source=sources.LINKS, mend="Let the text name what is there: “size chart”, not “here”.",
    ),
    Rule(
        id="link-without-text", severity="warning", where="page", what="A link has no text",
        look=lambda page: some(page.facts.empty_anchors, "link", "links"),
        why="A screen reader can say no more than “link”, and a search engine learns nothing of its target.",
        source=sources.WCAG_LINKS, mend="Write a text, an alt for the image in it, or an aria-label.",
    ),
    Rule(
        id="link-without-noopener", severity="notice", where="page", what="A link opens another site in a new window without noopener",
        look=lambda page: some(page.facts.opener, "link", "links"),
        why="Today's browsers take noopener for granted; in older ones the other site can send your page elsewhere while nobody looks.",
        source=sources.NOOPENER, mend='Add rel="noopener".',
    ),
)  # fmt: skip

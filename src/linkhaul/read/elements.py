"""The element table: every attribute of HTML and inline SVG that holds a URL, and what such a link is for.

One row per attribute. `form` says how the URLs stand in the value:

* url: the value is one URL;
* list: URLs separated by white space;
* commas: URLs separated by commas;
* srcset: image candidates, see `srcset`;
* refresh: the value of a refresh, see `headers.refresh_target`;
* css: a style declaration, see `css`;
* srcdoc: a whole document.

Not links, though the standards call them URLs: `itemtype`, `xmlns` and `profile` name vocabularies that must not be
fetched; `usemap` names an element of the same page.

Source: https://html.spec.whatwg.org/multipage/indices.html#attributes-3, its section on obsolete features, and
https://svgwg.org/svg2-draft/attindex.html
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Form = Literal["url", "list", "commas", "srcset", "refresh", "css", "srcdoc"]


class UrlAttribute(NamedTuple):
    """How one attribute of one element holds URLs. A kind of "" is decided by the element's rel, see `kind_of_rel`."""

    kind: str
    form: Form = "url"


ANY = "*"
"""Stands for every element in the tables below."""

HTML: dict[tuple[str, str], UrlAttribute] = {
    ("a", "href"): UrlAttribute("page"),
    ("a", "ping"): UrlAttribute("other", "list"),
    ("area", "href"): UrlAttribute("page"),
    ("area", "ping"): UrlAttribute("other", "list"),
    ("applet", "archive"): UrlAttribute("other", "commas"),
    ("applet", "codebase"): UrlAttribute("other"),
    ("audio", "src"): UrlAttribute("media"),
    ("base", "href"): UrlAttribute("other"),
    ("bgsound", "src"): UrlAttribute("media"),
    ("blockquote", "cite"): UrlAttribute("other"),
    ("body", "background"): UrlAttribute("image"),
    ("button", "formaction"): UrlAttribute("form"),
    ("del", "cite"): UrlAttribute("other"),
    ("embed", "src"): UrlAttribute("media"),
    ("form", "action"): UrlAttribute("form"),
    ("frame", "longdesc"): UrlAttribute("other"),
    ("frame", "src"): UrlAttribute("frame"),
    ("html", "manifest"): UrlAttribute("other"),
    ("iframe", "longdesc"): UrlAttribute("other"),
    ("iframe", "src"): UrlAttribute("frame"),
    ("iframe", "srcdoc"): UrlAttribute("frame", "srcdoc"),
    ("img", "dynsrc"): UrlAttribute("media"),
    ("img", "longdesc"): UrlAttribute("other"),
    ("img", "lowsrc"): UrlAttribute("image"),
    ("img", "src"): UrlAttribute("image"),
    ("img", "srcset"): UrlAttribute("image", "srcset"),
    ("input", "formaction"): UrlAttribute("form"),
    ("input", "src"): UrlAttribute("image"),
    ("ins", "cite"): UrlAttribute("other"),
    ("link", "href"): UrlAttribute(""),
    ("link", "imagesrcset"): UrlAttribute("image", "srcset"),
    ("menuitem", "icon"): UrlAttribute("icon"),
    ("meta", "content"): UrlAttribute("other", "refresh"),
    ("object", "archive"): UrlAttribute("other", "list"),
    ("object", "classid"): UrlAttribute("other"),
    ("object", "codebase"): UrlAttribute("other"),
    ("object", "data"): UrlAttribute("media"),
    ("q", "cite"): UrlAttribute("other"),
    ("script", "src"): UrlAttribute("script"),
    ("source", "src"): UrlAttribute("media"),
    ("source", "srcset"): UrlAttribute("image", "srcset"),
    ("table", "background"): UrlAttribute("image"),
    ("tbody", "background"): UrlAttribute("image"),
    ("td", "background"): UrlAttribute("image"),
    ("tfoot", "background"): UrlAttribute("image"),
    ("th", "background"): UrlAttribute("image"),
    ("thead", "background"): UrlAttribute("image"),
    ("tr", "background"): UrlAttribute("image"),
    ("track", "src"): UrlAttribute("media"),
    ("video", "poster"): UrlAttribute("image"),
    ("video", "src"): UrlAttribute("media"),
    (ANY, "itemid"): UrlAttribute("data"),
    (ANY, "style"): UrlAttribute("css", "css"),
}

_SVG_HREF = {
    "a": "page",
    "feImage": "image",
    "image": "image",
    "script": "script",
    **dict.fromkeys(
        (
            "altGlyph", "animate", "animateColor", "animateMotion", "animateTransform", "color-profile", "cursor", "discard",
            "filter", "font-face-uri", "glyphRef", "linearGradient", "mpath", "pattern", "radialGradient", "set", "textPath",
            "tref", "use",
        ),
        "other",
    ),
}  # fmt: skip
_SVG_PAINT = (
    "clip-path", "color-profile", "cursor", "fill", "filter", "marker", "marker-end", "marker-mid", "marker-start", "mask",
    "stroke", "style",
)  # fmt: skip

SVG: dict[tuple[str, str], UrlAttribute] = {
    **{(tag, attr): UrlAttribute(kind) for tag, kind in _SVG_HREF.items() for attr in ("href", "xlink:href")},
    **{(ANY, attr): UrlAttribute("css", "css") for attr in _SVG_PAINT},
}

TYPED_TAGS = frozenset({"a", "area", "embed", "link", "object", "script", "source", "style"})
"""Elements whose `type` attribute is the media type of what they lead to; elsewhere it means something else."""

REGIONS = ("nav", "header", "footer", "main", "aside")
"""Elements that divide a page; the nearest one around a link is its region."""

_REL_KINDS = {
    "stylesheet": "style",
    "icon": "icon",
    "apple-touch-icon": "icon",
    "apple-touch-icon-precomposed": "icon",
    "apple-touch-startup-image": "icon",
    "mask-icon": "icon",
    "fluid-icon": "icon",
    "canonical": "canonical",
    "feed": "feed",
    "alternate": "alternate",
    "amphtml": "alternate",
    "modulepreload": "script",
    "image_src": "image",
}
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
_AS_KINDS = {
    "image": "image", "script": "script", "worker": "script", "sharedworker": "script", "serviceworker": "script",
    "audioworklet": "script", "paintworklet": "script", "style": "style", "audio": "media", "video": "media",
    "track": "media", "embed": "media", "object": "media", "document": "frame", "frame": "frame", "iframe": "frame",
}  # fmt: skip


def kind_of_rel(rel: str, type_: str | None, as_: str | None) -> str:
    """Return the kind of a link element or a Link header.

    The next and previous page (rel=next, prev) and other relations without a kind of their own are "other": a person
    does not see them.

    Args:
        rel: the rel words, any case.
        type_: the type attribute: an alternate of a feed's type is a feed.
        as_: the as attribute: what a preload is for.

    Source: https://html.spec.whatwg.org/multipage/links.html#linkTypes
    """
    words = rel.lower().split()
    kinds = {_REL_KINDS[word] for word in words if word in _REL_KINDS}
    for kind in ("style", "icon", "canonical", "feed"):
        if kind in kinds:
            return kind
    if "alternate" in kinds:
        return "feed" if media_type(type_ or "") in _FEED_TYPES else "alternate"
    if "preload" in words or "prefetch" in words or "modulepreload" in words:
        return _AS_KINDS.get((as_ or "").strip().lower(), "script" if "modulepreload" in words else "other")
    return "image" if "image" in kinds else "other"


def media_type(text: str) -> str:
    """Return a media type without its parameters, lower case."""
    return text.partition(";")[0].strip().lower()

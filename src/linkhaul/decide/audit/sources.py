"""Who says so: the documents that the rules of an audit rest on, each a name and an address."""

from __future__ import annotations

_GOOGLE = "https://developers.google.com/search/docs/"
_HTML = "https://html.spec.whatwg.org/multipage/"
_WCAG = "https://www.w3.org/WAI/WCAG22/Understanding/"

TITLES = ("Google: title links", _GOOGLE + "appearance/title-link")
SNIPPETS = ("Google: snippets", _GOOGLE + "appearance/snippet")
CANONICALS = ("Google: canonical URLs", _GOOGLE + "crawling-indexing/consolidate-duplicate-urls")
HREFLANG = ("Google: localized versions", _GOOGLE + "specialty/international/localized-versions")
ROBOTS_META = ("Google: robots meta and X-Robots-Tag", _GOOGLE + "crawling-indexing/robots-meta-tag")
BLOCKING = ("Google: block indexing", _GOOGLE + "crawling-indexing/block-indexing")
ROBOTS_TXT = ("RFC 9309, section 2.2.2", "https://www.rfc-editor.org/rfc/rfc9309.html#section-2.2.2")
SITEMAPS = ("sitemaps.org: protocol", "https://www.sitemaps.org/protocol.html")
SITEMAP_GUIDE = ("Google: build a sitemap", _GOOGLE + "crawling-indexing/sitemaps/build-sitemap")
REDIRECTS = ("Google: redirects", _GOOGLE + "crawling-indexing/301-redirects")
STATUSES = ("Google: HTTP status codes", "https://developers.google.com/crawling/docs/troubleshooting/http-status-codes")
LINKS = ("Google: links that can be crawled", _GOOGLE + "crawling-indexing/links-crawlable")
LINK_RELATIONS = ("Google: qualify links", _GOOGLE + "crawling-indexing/qualify-outbound-links")
ADDRESSES = ("Google: URL structure", _GOOGLE + "crawling-indexing/url-structure")
USEFUL_CONTENT = ("Google: helpful content", _GOOGLE + "fundamentals/creating-helpful-content")
STARTER = ("Google: SEO starter guide", _GOOGLE + "fundamentals/seo-starter-guide")
STRUCTURED = ("Google: structured data", _GOOGLE + "appearance/structured-data/intro-structured-data")
MOBILE = ("Google: mobile-first indexing", _GOOGLE + "crawling-indexing/mobile/mobile-sites-mobile-first-indexing")
SIZE_LIMIT = ("Google: Googlebot", _GOOGLE + "crawling-indexing/googlebot")

TITLE_ELEMENT = ("HTML standard: the title element", _HTML + "semantics.html#the-title-element")
META_NAMES = ("HTML standard: metadata names", _HTML + "semantics.html#standard-metadata-names")
HEADINGS = ("HTML standard: headings and outlines", _HTML + "sections.html#headings-and-outlines-2")
CANONICAL_LINK = ("RFC 6596", "https://www.rfc-editor.org/rfc/rfc6596.html")
CHARSET = ("HTML standard: specifying the encoding", _HTML + "semantics.html#charset")
DOCTYPE = ("HTML standard: the doctype", _HTML + "syntax.html#the-doctype")
LANG = ("HTML standard: the lang attribute", _HTML + "dom.html#the-lang-and-xml:lang-attributes")
IMAGES = ("HTML standard: images", _HTML + "images.html#alt")
DIMENSIONS = ("web.dev: optimize layout shift", "https://web.dev/articles/optimize-cls#images-without-dimensions")
NOOPENER = ("HTML standard: noopener", _HTML + "links.html#link-type-noopener")
REFRESH = ("WCAG 2.2: timing adjustable", _WCAG + "timing-adjustable")
WCAG_HEADINGS = ("WCAG 2.2: headings and labels", _WCAG + "headings-and-labels")
WCAG_TEXT = ("WCAG 2.2: non-text content", _WCAG + "non-text-content")
WCAG_LINKS = ("WCAG 2.2: link purpose", _WCAG + "link-purpose-in-context")
WCAG_LANGUAGE = ("WCAG 2.2: language of page", _WCAG + "language-of-page")
WCAG_ZOOM = ("WCAG 2.2: resize text", _WCAG + "resize-text")

HTTPS = ("Google: HTTPS as a ranking signal", "https://developers.google.com/search/blog/2014/08/https-as-ranking-signal")
MIXED = ("W3C: Mixed Content", "https://www.w3.org/TR/mixed-content/")
HSTS = ("RFC 6797", "https://www.rfc-editor.org/rfc/rfc6797.html")
NOSNIFF = ("Fetch standard: X-Content-Type-Options", "https://fetch.spec.whatwg.org/#x-content-type-options-header")
CSP = ("W3C: Content Security Policy", "https://www.w3.org/TR/CSP3/")
FRAMES = ("W3C: frame-ancestors", "https://www.w3.org/TR/CSP3/#directive-frame-ancestors")
REFERRER = ("W3C: Referrer Policy", "https://www.w3.org/TR/referrer-policy/")
CACHING = ("RFC 9111", "https://www.rfc-editor.org/rfc/rfc9111.html")
ENCODINGS = ("RFC 9110, section 8.4", "https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4")
FIRST_BYTE = ("web.dev: time to first byte", "https://web.dev/articles/ttfb")
OPEN_GRAPH = ("The Open Graph protocol", "https://ogp.me/")
CARDS = (
    "X: cards markup, as archived",  # the page itself has gone
    "https://web.archive.org/web/20260116124848/https://developer.x.com/en/docs/x-for-websites/cards/overview/markup",
)
URL_LENGTH = ("RFC 9110, section 4.1", "https://www.rfc-editor.org/rfc/rfc9110.html#section-4.1")

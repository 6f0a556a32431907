"""Codes of languages and regions, and whether a text is one.

Sources: RFC 5646 (BCP 47), section 2.1; ISO 639-1; ISO 3166-1 alpha-2; ISO 15924.
https://developers.google.com/search/docs/specialty/international/localized-versions says which of them hreflang takes.
"""

from __future__ import annotations

import re

_LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa
ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv ka kg ki kj kk kl km
kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os
pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw
ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
LANGUAGES = frozenset(_LANGUAGES.split())
_REGIONS = """
ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca cc cd cf cg ch
ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn
gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li
lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om
pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td
tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
REGIONS = frozenset(_REGIONS.split())
INSTEAD = {"uk": "gb", "jp": "ja", "cz": "cs", "dk": "da", "gr": "el", "cn": "zh", "eu": "a language, not a union", "ua": "uk", "se": "sv"}
"""What was probably meant: codes of countries are taken for languages, and the other way round."""

_TAG = re.compile(r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
                  r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+")  # fmt: skip
_HREFLANG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?")


def fault_of_lang(tag: str) -> str | None:
    """Return what is wrong with the value of a lang attribute, or None.

    >>> fault_of_lang("en-GB"), fault_of_lang("english_us")
    (None, 'it is no language tag')
    """
    lower = tag.strip().lower()
    if not _TAG.fullmatch(lower):
        return "it is no language tag"
    language, *rest = lower.split("-")
    region = next((part for part in rest if len(part) == 2), None)
    return _unknown(language, region)


def fault_of_hreflang(tag: str) -> str | None:
    """Return what is wrong with a hreflang, or None: a language, then perhaps a script and a region, or x-default.

    >>> fault_of_hreflang("en-UK")
    'uk is no region; gb may be meant'
    """
    lower = tag.strip().lower()
    if lower == "x-default":
        return None
    found = _HREFLANG.fullmatch(lower)
    if found is None:
        return "it is no language, with a script or a region after hyphens, and not x-default"
    return _unknown(found[1], found[3])


def _unknown(language: str, region: str | None) -> str | None:
    if len(language) == 2 and language not in LANGUAGES:
        return f"{language} is no language{_meant(language)}"
    if region is not None and len(region) == 2 and region not in REGIONS:
        return f"{region} is no region{_meant(region)}"
    return None


def _meant(code: str) -> str:
    return f"; {INSTEAD[code]} may be meant" if code in INSTEAD else ""

"""The image candidates of `srcset` and `imagesrcset`.

Source: https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"[\t\n\f\r ,]*")
_URL = re.compile(r"[^\t\n\f\r ]+")
_DESCRIPTORS = re.compile(r"((?:[^,(]|\([^)]*(?:\)|\Z))*+),?")
_DESCRIPTOR = re.compile(r"(?:[^\t\n\f\r (]|\([^)]*(?:\)|\Z))+")
_WIDTH = re.compile(r"0*[1-9][0-9]*w")
_DENSITY = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?x")
_HEIGHT = re.compile(r"0*[1-9][0-9]*h")


def candidates(value: str) -> list[str]:
    """Return the URLs of the candidates a browser would choose from, in order; one with wrong descriptors is none.

    >>> candidates("a.png, b,c.png 2x, d.png 3q")
    ['a.png', 'b,c.png']
    """
    urls: list[str] = []
    position = 0
    while True:
        between = _BETWEEN.match(value, position)
        position = between.end() if between else position
        found = _URL.match(value, position)
        if found is None:
            return urls
        position = found.end()
        url = found[0].rstrip(",")
        if url != found[0]:
            urls.append(url)
            continue
        descriptors = _DESCRIPTORS.match(value, position)
        if descriptors is not None:
            position = descriptors.end()
            if _are_valid(_DESCRIPTOR.findall(descriptors[1])):
                urls.append(url)


def _are_valid(descriptors: list[str]) -> bool:
    """Tell whether descriptors make a candidate: at most one of each kind, and a density stands alone."""
    widths = sum(_WIDTH.fullmatch(each) is not None for each in descriptors)
    heights = sum(_HEIGHT.fullmatch(each) is not None for each in descriptors)
    densities = sum(_DENSITY.fullmatch(each) is not None and not _is_negative(each) for each in descriptors)
    if widths + heights + densities != len(descriptors) or max(widths, heights, densities, 0) > 1:
        return False
    return not (densities and (widths or heights)) and not (heights and not widths)


def _is_negative(density: str) -> bool:
    return density.startswith("-") and density[1:-1].strip("0.") != ""

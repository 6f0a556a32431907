"""Site rules of pages that are the same, or nearly so.

How near duplicates are found: two texts count as alike when their SimHashes differ in at most three of 64 bits. Of four parts of 16 bits,
one then is the same in both, so only pages that share a part are compared. Of pages with the same part, each is compared with no more
than `MOST_COMPARED` others: what more is missed lies in heaps of pages that are all alike, of which the first are told.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby

from linkhaul.decide.audit import sources
from linkhaul.decide.audit.rule import Rule, SiteRow

NEAR_BITS = 3
LEAST_WORDS = 60
"""Pages with fewer words of content are not compared: what little they say is their template's."""
MOST_COMPARED = 200
_LIKENESSES = "SELECT id, likeness, words FROM page WHERE is_indexable AND likeness IS NOT NULL AND words >= ? ORDER BY id"
_64_BITS = 0xFFFF_FFFF_FFFF_FFFF
_NEAR = "CREATE TEMP TABLE near (page INTEGER NOT NULL, other INTEGER NOT NULL, apart INTEGER NOT NULL)"
_NEAREST = """
SELECT p.url, printf('%d of 64 bits apart, %,d and %,d words', n.apart, p.words, q.words), q.url, 1
FROM near n CROSS JOIN page p ON p.id = n.page CROSS JOIN page q ON q.id = n.other WHERE p.body_hash <> q.body_hash ORDER BY p.url
"""

# Each is told with the first of the others, by its address.
_SAME = """
SELECT p.url, {evidence}, CASE WHEN p.url = s.first THEN
    (SELECT min(q.url) FROM page q WHERE q.is_indexable AND q.{column} = s.{column} AND q.url <> s.first) ELSE s.first END, 1
FROM page p JOIN (
    SELECT {column}, count(*) AS pages, min(url) AS first FROM page WHERE is_indexable AND {column} IS NOT NULL
    GROUP BY {column} HAVING count(*) > 1
) s ON s.{column} = p.{column} WHERE p.is_indexable ORDER BY s.pages DESC, p.{column}, p.url
"""
_SHARED = "'shared by ' || s.pages || ' pages: “' || substr(p.{column}, 1, 120) || '”'"


def _near(connection: sqlite3.Connection) -> Iterator[SiteRow]:
    """Yield pages whose text is nearly that of another; those with the very same body are another rule's."""
    ids, likeness, words = array("q"), array("Q"), array("q")
    for id, number, count in connection.execute(_LIKENESSES, (LEAST_WORDS,)):
        ids.append(id)
        likeness.append(number & _64_BITS)
        words.append(count)
    twin, apart = array("q", [-1]) * len(ids), bytearray([NEAR_BITS + 1]) * len(ids)
    for one, other, bits in _pairs(likeness):
        if _is_as_long(words[one], words[other]):
            for its, like in ((one, other), (other, one)):
                apart[its], twin[its] = min((apart[its], twin[its]), (bits, like))
    connection.execute(_NEAR)
    rows = ((ids[one], ids[twin[one]], apart[one]) for one in range(len(ids)) if twin[one] >= 0)
    connection.executemany("INSERT INTO near VALUES (?, ?, ?)", rows)
    yield from connection.execute(_NEAREST)
    connection.execute("DROP TABLE near")


def _pairs(likeness: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the places of numbers that differ in few bits, and in how many; each pair once for each of four parts that is the same in both."""
    for part in range(0, 64, 16):
        packed = sorted((number >> part & 0xFFFF) << 32 | place for place, number in enumerate(likeness))
        for _, group in groupby(packed, key=lambda each: each >> 32):
            heap: list[tuple[int, int]] = []
            for each in group:
                place = each & 0xFFFF_FFFF
                mine = likeness[place]
                for other, its in heap:
                    if (bits := (mine ^ its).bit_count()) <= NEAR_BITS:
                        yield place, other, bits
                if len(heap) < MOST_COMPARED:
                    heap.append((place, mine))


def _is_as_long(one: int, other: int) -> bool:
    return abs(one - other) <= max(5, max(one, other) // 10)


RULES: tuple[Rule, ...] = (
    Rule(
        id="title-duplicate", other="like", severity="warning", where="site", needs=("facts", "whole"), what="Pages share a title",
        why="Nobody can tell them apart in a list of results, and a search engine may write other titles for them.",
        source=sources.TITLES, mend="Let each title say what is on that page alone; number the pages of a list.",
        sql=_SAME.format(column="title", evidence=_SHARED.format(column="title")),
    ),
    Rule(
        id="description-duplicate", other="like", severity="notice", where="site", needs=("facts", "whole"), what="Pages share a description",
        why="One that fits all pages says nothing of any.",
        source=sources.SNIPPETS, mend="Write one for each page, or none.",
        sql=_SAME.format(column="description", evidence=_SHARED.format(column="description")),
    ),
    Rule(
        id="duplicate-exact", other="like", severity="warning", where="site", needs=("facts", "whole"), what="Pages are the same, byte by byte",
        why="Search engines show one of them, and which is their choice; links to the others count for less.",
        source=sources.CANONICALS, mend="Redirect to one address, or name it as canonical on the others.",
        sql=_SAME.format(column="body_hash", evidence="s.pages || ' addresses with the same page'"),
    ),
    Rule(
        id="duplicate-near", other="like", severity="notice", where="site", needs=("facts", "whole"), what="Pages say nearly the same", walk=_near,
        why="Search engines take them for one page and show one of them.",
        source=sources.CANONICALS, mend="Join them, name one as canonical, or let each say what is its own.",
    ),
    Rule(
        id="url-variants", other="like", severity="warning", where="site", needs=("facts", "whole"), what="A page answers under two spellings of its address",
        why="The two differ in capitals or in a slash at their end; each is a page of its own for a search engine.",
        source=sources.CANONICALS, mend="Redirect one to the other, or name one as canonical.",
        sql="""
            WITH spelt AS (SELECT id, url, rtrim(lower(url), '/') AS plain FROM page WHERE is_indexable)
            SELECT p.url, 'the two differ in capitals or in the slash at their end', min(q.url), 1 FROM spelt p JOIN (
                SELECT plain FROM spelt GROUP BY plain HAVING count(*) > 1) s ON s.plain = p.plain
            JOIN spelt q ON q.plain = p.plain AND q.id <> p.id GROUP BY p.id ORDER BY p.url
        """,
    ),
)  # fmt: skip

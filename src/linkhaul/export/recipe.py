"""How rows become the text of an output, as a value: with it another process writes what this one would."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from linkhaul.config import RowSettings
from linkhaul.export.delimited import Dialect
from linkhaul.export.packed import encoder_of
from linkhaul.export.selection import Selection
from linkhaul.model.records import Link, Text

LOT = 2_000
"""Rows that become text together: what 100,000 rows take on their way would be many times what they become."""


class Recipe(Struct, frozen=True):
    """The format of one text output of links; its columns are those of every output.

    Attributes:
        dialect: of a file that somebody began otherwise than we would; None for our own.
    """

    format: str
    excel: bool = False
    dialect: Dialect | None = None


def texts_of(rows: RowSettings, recipes: Sequence[Recipe]) -> Callable[[Sequence[Link]], tuple[Text, ...]]:
    """Return what makes the texts of the links of one page: for each output how many rows it gets, and these as they stand in the file.

    Args:
        rows: which links become rows, and which of their columns; each URL once cannot be told from one page.
    """
    selection = Selection(rows)
    encoders = [encoder_of(recipe.format, selection.columns, recipe.dialect, excel=recipe.excel) for recipe in recipes]

    def texts(links: Sequence[Link]) -> tuple[Text, ...]:
        chosen = selection.rows(links)
        lots = [chosen] if len(chosen) <= LOT else [chosen[start : start + LOT] for start in range(0, len(chosen), LOT)]
        return tuple((len(chosen), b"".join([encoder.encode(lot) for lot in lots]) if chosen else b"") for encoder in encoders)

    return texts

"""One setting: what is known of it, and whether a value that was given is one that it takes."""

from __future__ import annotations

import difflib
import math
import operator
import os
from typing import Any

from msgspec import Struct

from linkhaul.errors import SettingError

MOST = 2**63 - 1
"""The largest whole number of any setting: what the run file can hold."""

LISTED = ("kinds", "columns", "fail_on")
"""The settings whose texts may stand in one, with commas between."""


class Setting(Struct, frozen=True):
    """What is known of one setting: what flags, docs and checks are made from.

    Attributes:
        part: the field of Config that holds it.
        type: its plain type: bool, int, float, str or tuple.
        optional: whether it may be absent.
        choices: the words it may be, where it knows only some.
        low, high: the least and the most it may be; `is_above` says that the least itself is too little.
    """

    name: str
    part: str
    type: type
    optional: bool
    choices: tuple[str, ...]
    default: Any
    meaning: str
    is_secret: bool
    is_size: bool
    is_output_only: bool
    low: float | None
    high: float | None
    is_above: bool


def checked(setting: Setting, value: Any, subject: str, *, is_text: bool = False) -> Any:
    """Return a value as its setting takes it.

    Args:
        subject: what the setting is called where the value comes from: the message of an error begins with it.
        is_text: it may be text ("16", "true") for what is no text, as flags and the environment give it.

    Raises:
        SettingError: it is of the wrong type or out of bounds; the message says what the setting takes.
    """
    try:
        found = _converted(setting, _from_text(setting, value) if is_text and isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError) as error:
        too_much = "it is too large; " if isinstance(error, OverflowError) else ""
        quoted = " without quotation marks" if isinstance(value, str) and not is_text and setting.type in (int, float, bool) else ""
        shown = "its value" if setting.is_secret else _shown(value)
        meaning = "" if setting.choices else f" ({setting.meaning})"
        raise SettingError(f"{subject} cannot be {shown}: {too_much}it takes {takes(setting)}{quoted}{meaning}") from None
    for word in found if isinstance(found, tuple) else (found,):
        if setting.choices and word is not None and word not in setting.choices:
            near = difflib.get_close_matches(word, setting.choices, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise SettingError(f"{subject} cannot be {_shown(word)}: {hint}known are {', '.join(setting.choices)}")
    return found


def _converted(setting: Setting, value: Any) -> Any:
    """Return a value in the setting's type; TypeError, ValueError or OverflowError when it is none, or out of bounds."""
    if value is None and setting.optional:
        return None
    if setting.type is tuple:
        return _words(setting, value)
    if setting.type is str:
        value = os.fspath(value)
    elif setting.is_size and isinstance(value, str):
        value = _size(value)
    elif setting.type is not bool and not isinstance(value, (str, bytes, bool)):
        value = float(value) if setting.type is float else operator.index(value)
    if type(value) is not setting.type:
        raise TypeError
    _check_bounds(setting, value)
    return value


def _words(setting: Setting, value: Any) -> tuple[str, ...]:
    """Return the texts of a list; one text alone is a list of one, or of several with commas between where no text has a comma."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",")) if setting.name in LISTED else (value,)
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(isinstance(word, str) for word in value):
        raise TypeError
    return tuple(sorted(value) if isinstance(value, (set, frozenset)) else value)


def _check_bounds(setting: Setting, value: Any) -> None:
    amount = len(value) if isinstance(value, str) else value
    if math.isnan(amount) or (setting.high is not None and amount > setting.high):
        raise ValueError
    if abs(amount) > MOST:
        raise OverflowError
    if setting.low is not None and (amount <= setting.low if setting.is_above else amount < setting.low):
        raise ValueError


def _from_text(setting: Setting, text: str) -> Any:
    """Return the value that a text means for a setting that is no text; ValueError when it means none."""
    word = text.strip().lower()
    if setting.type is bool:
        return {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False, "": False}.get(
            word
        )
    if setting.type in (int, float) and not setting.is_size:
        return None if not word and setting.optional else setting.type(word)
    return text


def takes(setting: Setting) -> str:
    """Return what a setting takes, in words: "a whole number from 1 to 256"."""
    if setting.choices:
        return f"{'one or more' if setting.type is tuple else 'one'} of {', '.join(setting.choices)}"
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple: "a text or a list of texts"}
    what = "a size, such as 500000, 500K, 10M or 1G," if setting.is_size else kinds[setting.type]
    if setting.type is str or setting.low is None:
        return f"{what} that is not empty" if setting.low else what
    low = int(setting.low) if float(setting.low).is_integer() else setting.low
    return f"{what} above {low}" if setting.is_above else f"{what} from {low} {f'to {setting.high}' if setting.high is not None else 'on'}"


def _shown(value: Any) -> str:
    """Return a value for a message, of bounded length."""
    try:
        text = repr(value)
    except ValueError:  # a number with more digits than Python writes
        return "a number that long"
    return text if len(text) <= 80 else f"{text[:79]}…"


def _size(text: str) -> int:
    """Return '10M' as 10000000; ValueError or OverflowError for text that is no size."""
    word = text.strip()
    factor = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}.get(word[-1:].lower(), 1)
    number = word[:-1] if factor > 1 else word
    return int(float(number) * factor) if "." in number else int(number) * factor

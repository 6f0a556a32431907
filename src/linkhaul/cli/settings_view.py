"""`--print-config`: every setting with its value and where it came from, as a linkhaul.toml that could be used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linkhaul.cli.flags import size_text
from linkhaul.config import Config, settings
from linkhaul.setting import Setting

MARK = "# the secret"


def settings_view(config: Config, origin: Mapping[str, str], leave_out: Iterable[str] = ()) -> str:
    """Return the settings as TOML, a line each, with their origins as comments.

    A secret is left out: in its place stands a comment that says where it is and how to give it again.
    """
    lines = [(setting, _line(setting, config, origin[name])) for name, setting in settings().items() if name not in leave_out]
    width = min(60, max(len(line) for _, line in lines if not line.startswith(MARK)))
    return "".join(_sections(lines, width, origin))


def _sections(lines: list[tuple[Setting, str]], width: int, origin: Mapping[str, str]) -> Iterator[str]:
    part = ""
    for setting, line in lines:
        if setting.part != part:
            yield ("\n" if part else "") + f"[{setting.part}]\n"
            part = setting.part
        yield f"{line:<{width}}  # {origin[setting.name]}\n" if not line.startswith(MARK) else f"{line}\n"


def _line(setting: Setting, config: Config, origin: str) -> str:
    value = getattr(getattr(config, setting.part), setting.name)
    if value is None:
        return f"# {setting.name} is not set"
    if setting.is_secret and value:
        count = len(value) if isinstance(value, tuple) else 1
        several = f" of {count} values" if count > 1 else ""
        return f"{MARK} {setting.name}{several} is set by {origin} and not shown; {_to_go_on(setting, origin, count)}"
    return f"{setting.name} = {_toml(size_text(value) if setting.is_size else value)}"


def _to_go_on(setting: Setting, origin: str, count: int) -> str:
    """Return what to do about a secret when the page is saved as a file."""
    if origin.startswith("LINKHAUL_"):
        return "leave it there"
    if not origin.startswith("--"):
        return f"copy its line from {origin}"
    variable = f"set LINKHAUL_{setting.name.upper()}, " if count == 1 else ""
    places = ", ".join(['"..."'] * count)
    line = f"{setting.name} = [{places}]" if setting.type is tuple else f'{setting.name} = "..."'
    return f"{variable}give {origin} again, or write {line} here"


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

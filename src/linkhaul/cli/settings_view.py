"""`--print-config`: every setting with its value and where it came from, as a linkhaul.toml that could be used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linkhaul.cli.flags import size_text
from linkhaul.config import Config, Setting, settings

HIDDEN = "***"


def settings_view(config: Config, origin: Mapping[str, str], leave_out: Iterable[str] = ()) -> str:
    """Return the settings as TOML, a line each, with their origins as comments; a secret shows as ***."""
    lines = [(setting, _line(setting, config)) for name, setting in settings().items() if name not in leave_out]
    width = min(60, max(len(line) for _, line in lines))
    return "".join(_sections(lines, width, origin))


def _sections(lines: list[tuple[Setting, str]], width: int, origin: Mapping[str, str]) -> Iterator[str]:
    part = ""
    for setting, line in lines:
        if setting.part != part:
            yield ("\n" if part else "") + f"[{setting.part}]\n"
            part = setting.part
        yield f"{line:<{width}}  # {origin[setting.name]}\n"


def _line(setting: Setting, config: Config) -> str:
    value = getattr(getattr(config, setting.part), setting.name)
    if value is None:
        return f"# {setting.name} is not set"
    if setting.is_secret and value:
        value = [HIDDEN] * len(value) if isinstance(value, tuple) else HIDDEN
    return f"{setting.name} = {_toml(size_text(value) if setting.is_size else value)}"


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

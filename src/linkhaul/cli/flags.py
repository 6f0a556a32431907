"""The command line's flags for settings: made from `linkhaul.config`, so that none is stated twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from linkhaul.cli.stdout import stdout_may_fail
from linkhaul.config import Config, layered, settings
from linkhaul.errors import SettingError, UsageError
from linkhaul.setting import LISTED, Setting, checked

CONFIG_FILE = "linkhaul.toml"
NOT_FOR_LISTS = ("scope", "include", "skip", "depth", "sitemap", "no_sitemaps", "obey_nofollow", "allow_pattern")
"""Settings that say how a crawl goes on from page to page: a list of pages has no use for them."""
ONLY_FOR_CHECKS = ("accept", "redirects", "fail_on", "confirm_after", "no_probe", "max_age", "suggest")
"""Settings that say what a check asks twice and takes for broken: the other verbs have no use for them."""

SECTIONS = {
    "rows": "Which rows", "fetch": "How a page is asked for", "pace": "How hard", "crawl": "How far", "check": "What is broken", "audit": "What is kept",
    "run": "The machine",
}  # fmt: skip
LAST_SECTION = "Talk"
_METAVARS = {
    "accept": "STATUS[,STATUS]",
    "fail_on": "VERDICT[,VERDICT]",
    "max_age": "HOURS",
    "kinds": "KIND[,KIND]",
    "columns": "NAME[,NAME]",
    "match": "REGEX",
    "exclude": "REGEX",
    "include": "REGEX",
    "skip": "REGEX",
    "scope": "NAME",
    "sitemap": "URL",
    "allow_pattern": "PATTERN",
    "header": "'NAME: VALUE'",
    "cookie": "[HOST=]NAME=VALUE",
    "cookies": "FILE",
    "auth": "[HOST=]WHO",
    "proxy": "URL",
    "user_agent": "NAME",
}

Command = TypeVar("Command", bound=Callable[..., Any])


class Flag(click.Option):
    """An option that knows under which heading the help shows it."""

    section = LAST_SECTION

    def under(self, section: str) -> Flag:
        """Set the heading and return it."""
        self.section = section
        return self

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the names and the meaning; how to switch a switch off again is said once, below all."""
        record = super().get_help_record(ctx)
        return record and (record[0].partition(" / ")[0], record[1])


class Verb(click.Command):
    """A command whose help shows its options under headings."""

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any) -> click.Context:
        """Return what was typed; --help answers in here."""
        with stdout_may_fail():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Do it; from now on an interrupt means that something was begun."""
        if hasattr(ctx.obj, "if_interrupted"):
            ctx.obj.if_interrupted = "interrupted"
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, grouped."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", LAST_SECTION), []).append(record)
        for section, records in sections.items():
            with formatter.section(section):
                formatter.write_dl(records, col_max=28)


def flag_of(name: str) -> str:
    """Return a setting's flag: per_host is --per-host."""
    return "--" + name.replace("_", "-")


def with_flag(sentence: str) -> str:
    """Return a sentence that begins with a setting's name with the flag in its place.

    >>> with_flag("max_pages is 10 now"), with_flag("columns: there is none"), with_flag("the depth is 3")
    ('--max-pages is 10 now', '--columns: there is none', 'the depth is 3')
    """
    name = re.match(r"[a-z_]+(?=: | is )", sentence)
    return flag_of(name[0]) + sentence[name.end() :] if name is not None and name[0] in settings() else sentence


def option(*declarations: str, section: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds an option under a heading."""

    def add(command: Command) -> Command:
        decorated: Command = click.option(*declarations, cls=Flag, **attributes)(command)
        for parameter in decorated.__click_params__[-1:]:  # type: ignore[attr-defined]
            parameter.under(section)
        return decorated

    return add


def setting_options(leave_out: Iterable[str] = (), other_names: Mapping[str, str] | None = None) -> Callable[[Command], Command]:
    """Return a decorator that adds a flag for each setting but those left out.

    Args:
        other_names: a flag by which a setting is known to this command, besides its own.
    """
    others = other_names or {}

    def add(command: Command) -> Command:
        for name, setting in reversed(settings().items()):
            if name in leave_out:
                continue
            if name == "only":
                command = option("--external", is_flag=True, section=SECTIONS["rows"], help="only links that leave it")(command)
                command = option(
                    "--internal", is_flag=True, section=SECTIONS["rows"], help="only links that stay on the page's registrable domain"
                )(command)
            else:
                names = (name, others[name], flag_of(name)) if name in others else _declarations(setting)
                command = option(*names, section=SECTIONS[setting.part], **_attributes(setting))(command)
        return command

    return add


def _declarations(setting: Setting) -> tuple[str, str]:
    flag = flag_of(setting.name)
    return (setting.name, f"{flag}/--no-{flag[2:]}") if setting.type is bool and not flag.startswith("--no-") else (setting.name, flag)


def _attributes(setting: Setting) -> dict[str, Any]:
    shown = f"{setting.meaning}{default_text(setting)}"
    if setting.type is bool:
        return {"is_flag": True, "default": None, "help": shown}
    repeats = setting.type is tuple
    more = "; may be repeated" if repeats and setting.name not in LISTED else ""
    attributes = {"multiple": repeats, "metavar": _metavar(setting), "help": f"{setting.meaning}{more}{default_text(setting)}"}
    return attributes | ({"shell_complete": completer(setting.name)} if setting.name in LISTED else {})


def default_text(setting: Setting) -> str:
    """Return the default as the help shows it, with a space in front, or nothing where there is none."""
    value = setting.default
    if value is None or value is False or value == ():
        return ""
    return f" [{size_text(value) if setting.is_size else ','.join(value) if isinstance(value, tuple) else value}]"


def size_text(size: int) -> str:
    """Return a size as one would type it: 10000000 is 10M."""
    for factor, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "K")):
        if size >= factor and size % factor == 0:
            return f"{size // factor}{letter}"
    return str(size)


def _metavar(setting: Setting) -> str:
    if setting.name in _METAVARS:
        return _METAVARS[setting.name]
    if setting.is_size:
        return "SIZE"
    if setting.type is float:
        return "SECONDS"
    if setting.choices and setting.type is str:
        return "|".join(setting.choices)
    return "N" if setting.type is int else "TEXT"


def completer(name: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return what completes a comma-separated list of kinds or columns."""

    def complete(_ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
        from linkhaul.model.columns import LINKS, names

        known = settings()[name].choices or names(LINKS)
        before, comma, last = typed.rpartition(",")
        return [f"{before}{comma}{word}" for word in known if word.startswith(last)]

    return complete


def chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings among a command's parameters that were given, as `config` takes them.

    Raises:
        UsageError: --internal and --external.
        SettingError: a value that cannot be; the message names the flag.
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name in settings() and value is not None and value != ():
            found[name] = ",".join(value) if name in LISTED else value
    if given.get("internal") and given.get("external"):
        raise UsageError("--internal and --external leave no link together; without both, all links are written")
    if given.get("internal") or given.get("external"):
        found["only"] = "internal" if given.get("internal") else "external"
    for name, value in found.items():
        checked(settings()[name], value, flag_of(name), is_text=True)
    return found


def configuration(flags: Mapping[str, Any], file: str | None) -> tuple[Config, dict[str, str]]:
    """Return the configuration of all layers, and where each value came from in the user's words.

    Args:
        flags: as `chosen` gives them.
        file: what --config names; without it linkhaul.toml in the working directory counts, where there is one.

    Raises:
        SettingError: a value of any layer, or two that contradict each other.
    """
    path = Path(file) if file is not None else Path(CONFIG_FILE)
    if file is not None and not path.is_file():
        raise SettingError(f"--config {file}: there is no such file")
    config, origin = layered(flags, file=path if path.is_file() else None)
    return config, {name: _origin(name, source, config) for name, source in origin.items()}


def _origin(name: str, source: str, config: Config) -> str:
    if source == "call":
        return f"--{config.rows.only}" if name == "only" else flag_of(name)
    return f"LINKHAUL_{name.upper()}" if source == "environment" else source

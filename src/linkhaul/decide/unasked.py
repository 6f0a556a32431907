"""Why a URL of a run was not asked for, as a verdict: its state and the rule behind it in a sentence."""

from __future__ import annotations

from linkhaul.model.check import Verdict

ON_THE_WEB = "^https?:"
"""The pattern that --offline adds to --exclude."""

_RULES = {
    "depth": ("depth", "it is more clicks from the nearest source than --depth allows"),
    "include": ("include", "it matches none of the --include patterns"),
    "skip": ("skip", "it matches the setting skip"),
    "nofollow": ("nofollow", "every link to it is under nofollow, and --obey-nofollow was given"),
    "scheme": ("scheme", "no program can ask for this kind of address"),
    "redirect": ("unasked", "it is known as a step of redirects, and was not asked for by itself"),
    "offline": ("offline", "--offline was given: nothing of the web was asked"),
    "excluded": ("excluded", "it matches --exclude"),
}


def unasked(state: str, reason: str | None, tries: int) -> Verdict | None:
    """Return the verdict on a URL that the run did not take to its end; None for one that it did.

    Args:
        state: of the URL in the run; "unknown" where the run has never heard of it.
        reason: the rule that decided; for one that waits to be asked again, what went wrong the last time.
        tries: how often it was asked.
    """
    if state == "done":
        return None
    why = reason or ""
    kind, _, rest = why.partition(":")
    if state == "queued" and tries:
        return Verdict(
            "not-checked", "unconfirmed", f"it failed ({why or 'no reason is known'}), and the run ended before it was asked again"
        )
    if state == "queued":
        return Verdict("not-checked", "stopped", "the run ended before its turn came")
    if state == "withheld" or kind == "trap":
        return Verdict("not-checked", "trap", f"it was withheld as a trap ({rest or why})")
    if kind == "scope":
        return Verdict("not-checked", "scope", f"it is outside the scope of the run ({rest})")
    code, sentence = _RULES.get(kind, ("unasked", "the run did not ask for it" + (f" ({why})" if why else "")))
    return Verdict("not-checked", code, sentence)

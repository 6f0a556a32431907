"""`linkhaul completion`: the script that completes verbs, flags and values in a shell."""

from __future__ import annotations

import click

from linkhaul.cli.flags import Verb
from linkhaul.cli.stdout import put

HINTS = {
    "bash": 'eval "$(linkhaul completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(linkhaul completion zsh)"   in ~/.zshrc',
    "fish": "linkhaul completion fish > ~/.config/fish/completions/linkhaul.fish",
}


@click.command("completion", cls=Verb, epilog="\n\n".join(["\b\nTo have it in every shell:", *HINTS.values()]).replace("\n\n", "\n"))
@click.argument("shell", type=click.Choice(list(HINTS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print the script for completion in a shell: of verbs, flags and values."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    put(kind(ctx.find_root().command, {}, "linkhaul", "_LINKHAUL_COMPLETE").source())
    return 0

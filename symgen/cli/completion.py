"""`symgen completion`: the script that lets a shell complete symgen's command lines."""

from __future__ import annotations

import os
from pathlib import Path

import click

from symgen.cli.arguments import Choice
from symgen.cli.command import command
from symgen.errors import BadOption

SHELLS = ("bash", "zsh", "fish")


@command(
    examples=(
        "echo 'eval \"$(symgen completion bash)\"' >> ~/.bashrc",
        "echo 'eval \"$(symgen completion zsh)\"' >> ~/.zshrc",
        "symgen completion fish > ~/.config/fish/completions/symgen.fish",
    )
)
@click.argument("shell", required=False, type=Choice(SHELLS), metavar="[bash|zsh|fish]")
def completion(shell: str | None) -> None:
    """Print the script that completes commands, options and names with Tab.

    Run the line for your shell once, then open a new terminal. Without an argument the script is
    the one for the shell in $SHELL.
    """
    from symgen import cli

    shell = shell or Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        raise BadOption("the shell is not known; name one: symgen completion bash, zsh or fish")
    cli.complete(f"{shell}_source")

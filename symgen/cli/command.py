"""Commands, groups and options whose help reads the same everywhere.

Options stand in sections, each with a title. Summaries are never cut. A default is shown as
`[default: ...]` at the end of the text. Examples stand on lines of their own. The old name of an
option is accepted, but not shown.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

GENERAL = "General"
"""The section of the options that every command has."""

F = TypeVar("F", bound=Callable[..., Any])

NO_BREAK = "\0"  # stands for a space where no line may end
COLUMN = 24
"""Width of the first column of the options, in characters."""


class Option(click.Option):
    """An option that belongs to a section of the help and shows its default in one style."""

    section = ""

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return the default without the brackets that click adds, and without the range."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        if isinstance(self.show_default, str):
            extra["default"] = self.show_default
        return extra


option = functools.partial(click.option, cls=Option)


def section(title: str, *options: Callable[..., Any]) -> Callable[[F], F]:
    """Return a decorator that adds `options` to a command, in this order, under `title`."""

    def decorate(function: F) -> F:
        for one in reversed(options):
            known = len(getattr(function, "__click_params__", []))
            function = one(function)
            for added in getattr(function, "__click_params__", [])[known:]:
                added.section = title
        return function

    return decorate


class Formatter(click.HelpFormatter):
    """Wraps help between words only: an option or a file name is never broken at a hyphen."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, each wrapped to the width."""
        paragraphs = [_wrapped(part, self.width - self.current_indent) for part in _parts(text)]
        indent = " " * self.current_indent
        blocks = ["\n".join(indent + line for line in lines) for lines in paragraphs]
        self.write("\n\n".join(blocks) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = COLUMN, col_spacing: int = 2
    ) -> None:
        """Write names and their descriptions in two columns; a long name has its own line."""
        rows = list(rows)
        first = min(max(len(name) for name, _ in rows), col_max) + col_spacing
        indent = " " * self.current_indent
        for name, description in rows:
            lines = _wrapped(description, self.width - first - self.current_indent)
            if len(name) > first - col_spacing:
                self.write(f"{indent}{name}\n")
                name = ""
            for line in lines:
                self.write(f"{indent}{name:<{first}}{line}\n")
                name = ""


class Context(click.Context):
    """A context whose help is written by `Formatter`."""

    formatter_class = Formatter


class Helped(click.Command):
    """What the help of commands and groups has in common."""

    context_class = Context
    examples: Sequence[str] = ()

    def summary(self) -> str:
        """Return the first paragraph of the help on one line."""
        first, *_ = _parts(self.help or "")
        return " ".join(first.split()).removesuffix(".")

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the whole summary, whatever the limit; the help and the shells wrap it."""
        return self.summary()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, one on a line and never wrapped."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class Command(Helped):
    """A command with sections of options, examples, and old names of options."""

    def __init__(
        self,
        *arguments: Any,
        examples: Sequence[str] = (),
        renamed: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.examples = examples
        self.renamed = renamed or {}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, each old name of an option read as the new one."""
        try:
            return super().parse_args(ctx, list(_renamed(args, self.renamed)))
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # so that the message names the help of this command
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, a block for each section, those that every command has last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and not parameter.hidden:
                title = getattr(parameter, "section", "") or GENERAL
                record = parameter.get_help_record(ctx)
                if record is not None:
                    sections.setdefault(title, []).append(record)
        general = sections.pop(GENERAL, [])
        for title, records in [*sections.items(), (GENERAL, general)]:
            with formatter.section(title):
                formatter.write_dl([(name.ljust(COLUMN), text) for name, text in records], COLUMN)


class Group(Helped, click.Group):
    """A group of commands whose summaries are shown whole."""

    command_class = Command

    def blocks(self, ctx: click.Context) -> dict[str, Sequence[str]]:
        """Return the names of the commands under the titles that the help gives them."""
        return {"Commands": self.list_commands(ctx)}

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their whole summaries, a block for each title."""
        longest = max(map(len, self.list_commands(ctx)))
        for title, names in self.blocks(ctx).items():
            rows = []
            for name in names:
                command = self.get_command(ctx, name)
                if command is not None:
                    rows.append((name.ljust(longest), command.get_short_help_str()))
            with formatter.section(title):
                formatter.write_dl(rows)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands first, then the options."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` names; UsageError suggests the nearest name."""
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing and name[:1] != "-":
            raise click.UsageError(self.no_such_command(ctx, name), ctx)
        return super().resolve_command(ctx, args)

    def no_such_command(self, ctx: click.Context, name: str) -> str:
        """Return the message for a word that names no command."""
        from symgen.errors import nearest

        near = nearest(name, self.list_commands(ctx))
        return f"there is no command {name}." + (f" Did you mean {near}?" if near else "")


def _parts(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.strip()]


def _wrapped(text: str, width: int) -> list[str]:
    """Return the lines of one paragraph; a command in `backquotes` stays on one line."""
    bound = re.sub("`[^`]*`", lambda found: found[0].replace(" ", NO_BREAK), text)
    lines = textwrap.wrap(bound, width, break_on_hyphens=False, break_long_words=False)
    return [line.replace(NO_BREAK, " ") for line in lines] or [""]


def _renamed(args: Sequence[str], names: Mapping[str, str]) -> Iterator[str]:
    """Yield `args` with the old names of options replaced, up to a bare `--`."""
    rest = iter(args)
    for word in rest:
        name, equals, value = word.partition("=")
        yield f"{names[name]}{equals}{value}" if name in names else word
        if word == "--":
            break
    yield from rest


def command(
    *, examples: Sequence[str] = (), renamed: Mapping[str, str] | None = None
) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a command, with examples and old names of options."""
    return click.command(cls=Command, examples=examples, renamed=renamed)


def overwrite(text: str = "Replace files that exist.") -> Callable[..., Any]:
    """Return the option -f/--force, the same in every command that writes."""
    return option("-f", "--force", is_flag=True, help=text)

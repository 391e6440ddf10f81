"""The command line. Each command is one file: it parses options, calls the library and prints."""

from __future__ import annotations

import importlib
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from symgen.cli.command import Command, Group
from symgen.errors import SymgenError, printable
from symgen.process import Terminated, end_on_sigterm, own

COMPLETE = "_SYMGEN_COMPLETE"  # the variable in which the shell asks for completions
BLOCKS = {
    "Make music": {
        "sample": "symgen.cli.sample.command:sample",
        "quick": "symgen.cli.quick:quick",
        "render": "symgen.cli.render:render",
        "play": "symgen.cli.study.play:play",
        "serve": "symgen.cli.study.serve:serve",
        "notate": "symgen.cli.notate:notate",
        "practice": "symgen.cli.study.practice:practice",
    },
    "Train a model": {
        "convert": "symgen.cli.convert:convert",
        "train": "symgen.cli.train:train",
        "bundle": "symgen.cli.bundle:bundle",
    },
    "Recordings": {
        "transcribe": "symgen.cli.sound.transcribe:transcribe",
    },
    "Measure": {
        "evaluate": "symgen.cli.evaluate.command:evaluate",
        "bench": "symgen.cli.bench:bench",
    },
    "Manage music and this installation": {
        "corpus": "symgen.cli.corpus.command:corpus",
        "doctor": "symgen.cli.doctor:doctor",
        "completion": "symgen.cli.completion:completion",
    },
}
COMMANDS = {name: place for block in BLOCKS.values() for name, place in block.items()}

TERMINATED = 143  # 128 and the number of SIGTERM, as a shell reports it
LONGEST_FAULT = 200  # characters: TensorFlow puts its whole stack into one message


class LazyGroup(Group):
    """Loads a command's module only when that command or the list of all is needed."""

    examples = (
        "symgen sample --render              # play a model that ships with symgen",
        "symgen quick my-music               # make music like that in a folder",
        "symgen convert corpora/einaudi      # or train a model from scratch:",
        "symgen train --config perf_dynamics",
        "symgen sample --key C --density 3",
    )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def blocks(self, ctx: click.Context) -> dict[str, Sequence[str]]:
        """Return the names of the commands, grouped by what one wants to do."""
        return {title: list(block) for title, block in BLOCKS.items()}

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        _name_in_environment(command, f"SYMGEN_{cmd_name}")
        return command

    def no_such_command(self, ctx: click.Context, name: str) -> str:
        """Return the message for a word that names no command; a file or folder gets a hint."""
        from symgen.notes import SUFFIXES

        path, typed = Path(name), shlex.quote(name)
        if path.is_dir():
            return f"{name} is a folder, not a command; to make music like it: symgen quick {typed}"
        if path.is_file() and path.suffix.lower() in SUFFIXES:
            return (
                f"{name} is music, not a command; "
                f"to continue it: symgen sample --primer {typed}; "
                f"to hear it: symgen render {typed}; to write it down: symgen notate {typed}"
            )
        return super().no_such_command(ctx, name)


def _name_in_environment(command: click.Command, prefix: str) -> None:
    """Name the variable of each option after its flag: SYMGEN_TRAIN_FROM for --from.

    Click would name it after the Python variable. An old name of an option keeps its variable.
    """
    renamed = command.renamed if isinstance(command, Command) else {}
    for option in command.params:
        if isinstance(option, click.Option):
            flag = max(option.opts, key=len)
            old = [name for name, new in renamed.items() if new == flag]
            names = [_variable(prefix, name) for name in (flag, *old)]
            option.envvar = names if old else names[0]
    for name, part in getattr(command, "commands", {}).items():
        _name_in_environment(part, f"{prefix}_{name}")


def _variable(prefix: str, flag: str) -> str:
    return f"{prefix}_{flag.lstrip('-')}".upper().replace("-", "_")


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="symgen")
def cli() -> None:
    """Generate symbolic music: train a model on a folder of music, and sample new music from it.

    `symgen COMMAND --help` describes a command.
    """


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 bad data, 2 bad options, 130 or 143 interrupted."""
    own()
    end_on_sigterm()
    if instruction := os.environ.get(COMPLETE):
        sys.exit(complete(instruction))
    sys.exit(run(sys.argv[1:] if argv is None else list(argv)))


def complete(instruction: str) -> int:
    """Answer the shell: print its completion script, or the completions of a half-typed line."""
    from click.shell_completion import shell_complete

    return shell_complete(cli, {}, "symgen", COMPLETE, instruction)


def run(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code; an expected error is one line on stderr."""
    from symgen.cli.messages import plain, usage

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a letter of a name
    context = cli.make_context("symgen", [], resilient_parsing=True)
    try:
        context = cli.make_context("symgen", list(argv))
        with context:
            cli.invoke(context)
        return 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
        else:
            _say(usage(error))
        return error.exit_code
    except Terminated:
        _say("terminated")
        return TERMINATED
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return 130
    except BrokenPipeError:
        return 1
    except (SymgenError, OSError, MemoryError) as error:
        _trace(context)
        _say(plain(error))
        return getattr(error, "exit_code", 1)
    except Exception as error:
        _trace(context)
        fault = f"{type(error).__name__}: {plain(error)[:LONGEST_FAULT]}"
        _say(f"internal error ({fault}); run again with -v for the traceback")
        return 1


def _say(message: str) -> None:
    click.echo(f"symgen: {printable(message)}", err=True)


def _trace(context: click.Context) -> None:
    """Print the traceback of the error that is being handled, with -v."""
    if context.meta.get("symgen.verbose"):
        import traceback

        traceback.print_exc()

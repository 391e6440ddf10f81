"""The command line. A command is one file here: it parses, calls the library and prints; there is no music in it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click
from click.core import ParameterSource

from symgen.errors import SymgenError, printable
from symgen.process import own

COMMANDS = {
    "quick": "symgen.cli.quick:quick",
    "convert": "symgen.cli.convert:convert",
    "train": "symgen.cli.train:train",
    "sample": "symgen.cli.sample.command:sample",
    "render": "symgen.cli.render:render",
    "evaluate": "symgen.cli.evaluate.command:evaluate",
    "bench": "symgen.cli.bench:bench",
    "corpus": "symgen.cli.corpus:corpus",
    "bundle": "symgen.cli.bundle:bundle",
    "doctor": "symgen.cli.doctor:doctor",
}

MOST_OF_FAULT = 200  # characters: TensorFlow tells its whole stack in one message


class LazyGroup(click.Group):
    """Loads a command's module when that command, or the list of all, is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which one uses them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        _name_in_environment(command, f"SYMGEN_{cmd_name}")
        return command


def _name_in_environment(command: click.Command, prefix: str) -> None:
    """Let the environment call an option what the command line does, SYMGEN_TRAIN_FROM for --from; click goes by its variable."""
    for option in command.params:
        if isinstance(option, click.Option):
            option.envvar = f"{prefix}_{max(option.opts, key=len).lstrip('-')}".upper().replace(
                "-", "_"
            )
    for name, part in getattr(command, "commands", {}).items():
        _name_in_environment(part, f"{prefix}_{name}")


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="symgen")
def cli() -> None:
    """Symbolic music generation: a folder of MIDI becomes a model, the model becomes music.

    \b
    symgen convert corpora/einaudi
    symgen train --config perf_dynamics
    symgen sample --key C --density 3

    Or at once, with a model that ships: symgen sample, or like your own music: symgen quick FOLDER
    """


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 done, 1 bad data, 2 bad options, 130 interrupted."""
    own()
    sys.exit(run(sys.argv[1:] if argv is None else list(argv)))


def run(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code; an expected error is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a name the terminal cannot show is no reason to fail
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
            click.echo(f"symgen: {printable(_usage(error))}", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("symgen: interrupted", err=True)
        return 130
    except BrokenPipeError:
        return 1
    except (SymgenError, OSError, MemoryError) as error:
        _trace(context)
        click.echo(f"symgen: {printable(_line(error))}", err=True)
        return getattr(error, "exit_code", 1)
    except Exception as error:
        _trace(context)
        said = printable(_line(error)[:MOST_OF_FAULT])
        click.echo(
            f"symgen: a fault of symgen's own, {type(error).__name__}: {said}; -v shows all",
            err=True,
        )
        return 1


def _trace(context: click.Context) -> None:
    """Print where the error that is being handled came from, where -v is given."""
    if context.meta.get("symgen.verbose"):
        import traceback

        traceback.print_exc()


def _usage(error: click.ClickException) -> str:
    """Return what is wrong with the options as one line, and where they are told."""
    where, option = getattr(error, "ctx", None), getattr(error, "param", None)
    said = " ".join(error.format_message().split())
    end = "" if said.endswith((".", "?")) else "."
    if where and option and where.get_parameter_source(option.name) is ParameterSource.ENVIRONMENT:
        end += f" It is set by {option.envvar} in the environment."
    return f"{said}{end} See {where.command_path if where else 'symgen'} --help"


def _line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split("\n")) or type(error).__name__

"""The one line that the command line prints for an error."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.core import ParameterSource

from symgen.errors import nearest


def usage(error: click.ClickException) -> str:
    """Return what is wrong with the command line, and where its help is."""
    context = getattr(error, "ctx", None)
    problem = " ".join(_problem(error).split())
    end = "" if problem.endswith((".", "?")) else "."
    path = context.command_path if context else "symgen"
    return f"{problem}{end}{_environment(error)} See {path} --help"


def plain(error: BaseException) -> str:
    """Return an error of any other kind on one line."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split("\n")) or type(error).__name__


def _problem(error: click.ClickException) -> str:
    """Return what is wrong, in one style for all that click checks."""
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"{_name(error.param)} is missing"
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_name(error.param)} {error.message}"
    if isinstance(error, click.BadOptionUsage) and "requires" in error.message:
        return f"{error.option_name} needs a value"
    return error.format_message()


def _no_such_option(error: click.NoSuchOption) -> str:
    known = [] if error.ctx is None else _options(error.ctx.command.get_params(error.ctx))
    near = nearest(error.option_name, known)
    return f"there is no option {error.option_name}." + (f" Did you mean {near}?" if near else "")


def _options(parameters: Iterable[click.Parameter]) -> list[str]:
    return [
        name
        for parameter in parameters
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in (*parameter.opts, *parameter.secondary_opts)
    ]


def _name(parameter: click.Parameter) -> str:
    """Return how a user writes a parameter: --seconds, or SOURCE for an argument."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return (parameter.metavar or parameter.name or "").strip("[].").upper()


def _environment(error: click.ClickException) -> str:
    """Return a sentence that names the variable, if the value comes from the environment."""
    context = getattr(error, "ctx", None)
    option = getattr(error, "param", None)
    if context is None or option is None:
        return ""
    if context.get_parameter_source(option.name) is not ParameterSource.ENVIRONMENT:
        return ""
    names = [option.envvar] if isinstance(option.envvar, str) else option.envvar
    return f" It is set by {' or '.join(names)} in the environment."

"""The help: grouped, whole, at most 80 or 100 columns wide, with one style of defaults."""

import re

import click
import pytest

from symgen import cli
from symgen.cli.command import Command, Group, command, option, section


def found(group=cli.cli, path=()):
    """Return every command and group with the words that reach it."""
    yield path, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            yield from found(group.get_command(context, name), (*path, name))


ALL = list(found())
IDS = [" ".join(words) or "symgen" for words, _ in ALL]


def helped(one, words, columns):
    context = one.context_class(one, info_name=" ".join(["symgen", *words]))
    formatter = context.formatter_class(width=columns - 2)
    context.make_formatter = lambda: formatter
    return one.get_help(context)


@pytest.mark.parametrize(("words", "one"), ALL, ids=IDS)
@pytest.mark.parametrize("columns", [80, 100])
def test_no_line_of_the_help_is_too_long(words, one, columns):
    lines = helped(one, words, columns).splitlines()
    options = lines[: lines.index("Examples:")] if "Examples:" in lines else lines
    assert max(map(len, options)) <= columns
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(("words", "one"), ALL, ids=IDS)
def test_defaults_have_one_style_and_nothing_is_cut(words, one):
    assert isinstance(one, Command | Group)
    text = " ".join(helped(one, words, 80).split())
    assert not re.search(r"\[default: \(|default \(|\[x[<>]", text)
    assert "..." not in one.summary() and one.summary() in text
    for parameter in one.params:
        if isinstance(parameter, click.Option):
            assert parameter.hidden or "default:" not in (parameter.help or "")


@pytest.mark.parametrize(("words", "one"), ALL, ids=IDS)
def test_options_stand_in_sections_and_force_has_a_short_form(words, one):
    for parameter in one.params:
        if isinstance(parameter, click.Option):
            assert words == () or parameter.section
            assert parameter.hidden or parameter.help
            if "--force" in parameter.opts:
                assert "-f" in parameter.opts


def test_examples_stand_on_lines_of_their_own_and_can_be_run_as_written():
    examples = [line for _, one in ALL for line in one.examples]
    assert len(examples) > 20
    for line in examples:
        assert line.startswith(("symgen ", "echo "))
        assert ";" not in line


def test_the_list_of_commands_is_grouped_and_its_summaries_are_whole():
    text = helped(cli.cli, (), 80)
    titles = re.findall(r"^(\w.*):$", text, re.MULTILINE)
    assert titles == [*cli.BLOCKS, "Options", "Examples"]
    flat = " ".join(text.split())
    for name in cli.COMMANDS:
        assert cli.cli.get_command(click.Context(cli.cli), name).summary() in flat


def test_a_section_keeps_the_order_of_its_options_and_an_old_name_is_hidden():
    @command(renamed={"--way": "--method"})
    @section("First", option("--alpha", help="A."), option("--method", help="B."))
    @section("Second", option("--gamma", default=3, show_default=True, help="C."))
    def made(alpha, method, gamma):
        """Do it."""
        click.echo(f"{alpha} {method} {gamma}")

    text = helped(made, ("made",), 80)
    order = [text.index(word) for word in ("First:", "--alpha", "--method", "Second:", "--gamma")]
    assert order == sorted(order)
    assert "--way" not in text and "[default: 3]" in text
    from click.testing import CliRunner

    run = CliRunner().invoke
    assert run(made, ["--way", "both"]).output == "None both 3\n"
    assert run(made, ["--way=both", "--alpha", "x"]).output == "x both 3\n"


def test_a_command_in_backquotes_is_not_broken_over_two_lines():
    @command()
    def made():
        """Read the words of this long sentence, then type `symgen train --resume again`."""

    for columns in range(40, 100):
        assert "`symgen train --resume again`" in helped(made, ("made",), columns)

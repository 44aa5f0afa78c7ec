"""The sub-commands: a click group whose commands are imported when they are called."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

import peerlint
from peerlint.cli import COMMANDS, DEFAULT_COMMAND


class LazyGroup(click.Group):
    """A group that knows its commands by name only, and hands what is no command name to the default command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return [name for name, place in COMMANDS.items() if find_spec(place.partition(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the module of a command, None where there is no such command."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        if find_spec(module) is None:
            return None
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the default command in front of arguments that begin with no command."""
        if not args or (args[0] not in COMMANDS and args[0] not in ("--help", "-h", "--version")):
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(peerlint.__version__, "--version", message="peerlint %(version)s")
def group() -> None:
    """Find script orchestration in agent instruction files, migrate it into logic, and prove the migration.

    `peerlint PATHS` is short for `peerlint check PATHS`.
    """

"""The command line: a click group whose sub-commands are imported when they are called.

`peerlint PATHS` is `peerlint check PATHS`. Exit codes: what the sub-command says; 2 for input that the caller must
mend (one line on stderr), 3 for a bug in peerlint (a report to paste), 130 after Ctrl-C.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn

import click

import peerlint
from peerlint.errors import InputError

#: Sub-command -> "module:attribute". Where the module is not installed, the sub-command is not listed.
COMMANDS = {
    "check": "peerlint.cli.check:command",
    "explain": "peerlint.cli.explain:command",
    "run": "peerlint.cli.run:command",
    "prove": "peerlint.cli.prove:command",
    "graph": "peerlint.cli.graph:command",
    "rule": "peerlint.cli.rule:command",
    "test-rules": "peerlint.cli.test_rules:command",
    "lsp": "peerlint.cli.lsp:command",
    "init": "peerlint.cli.init:command",
}
DEFAULT_COMMAND = "check"

EXIT_CLEAN, EXIT_FINDINGS, EXIT_INPUT, EXIT_BUG, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


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


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and ends the interpreter with its exit code; never shows a traceback to the user."""
    # A run makes many objects that live until its end and few cycles: looking for cycles often only takes time.
    gc.set_threshold(100_000, 20, 50)
    sys.exit(_run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: Sequence[str]) -> int:
    try:
        result = group.main(args=list(arguments), prog_name="peerlint", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else EXIT_CLEAN
    except InputError as error:
        _complain(str(error))
        return EXIT_INPUT
    except click.ClickException as error:
        _complain(_usage_message(error))
        return EXIT_INPUT
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return EXIT_CLEAN
    except Exception as error:
        _complain(_bug_report(arguments, error))
        return EXIT_BUG


def _complain(message: str) -> None:
    click.echo(message if message.startswith("peerlint") else f"peerlint: {message}", err=True)


def _usage_message(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"; see {context.command_path} --help" if context is not None else ""
    return " ".join(error.format_message().split()).rstrip(".") + hint


def _silence_stdout() -> None:
    """The reader of stdout has gone; keep the interpreter from complaining about it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bug_report(arguments: Sequence[str], error: BaseException) -> str:
    """What a person can paste: versions, the call, and where the error came from, without the text of any file."""
    import platform
    import traceback

    frames = [
        f"  {frame.filename.rpartition('peerlint')[2].lstrip(os.sep) or frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "peerlint" in frame.filename
    ]
    return "\n".join(
        [
            "peerlint: this is a bug in peerlint, not in your files. Please report it with these lines:",
            f"  peerlint {peerlint.__version__}, Python {platform.python_version()}, {platform.system()}",
            f"  arguments: {' '.join(arguments)}",
            f"  {type(error).__name__}: {error}",
            *frames,
        ]
    )

"""The command line.

`peerlint PATHS` is `peerlint check PATHS`. Exit codes: what the sub-command says; 2 for input that the caller must
mend (one line on stderr), 3 for a bug in peerlint (a report to paste), 130 after Ctrl-C.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence

import peerlint
from peerlint import compiled
from peerlint.cli.streams import NO_ROOM, complain, open_closed, reason_of, silence_stdout
from peerlint.errors import NO_SUCH_PATH, InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    import click

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
#: How variables begin that stand for options, or that ask click for the completions of a shell.
_VARIABLES = ("PEERLINT_", "_PEERLINT_")


#: What is shown of a name that no file can have.
_SHOWN = 60


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and ends the interpreter with its exit code; never shows a traceback to the user."""
    # A run makes many objects that live until its end and few cycles: looking for cycles often only takes time.
    gc.set_threshold(100_000, 20, 50)
    open_closed()
    code = _run(sys.argv[1:] if arguments is None else arguments)
    compiled.keep()
    # Python looks through all objects several times while it ends, for cycles that nobody needs to have found.
    gc.freeze()
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    try:
        paths = _plain_paths(arguments)
        if paths is None:
            return _run_command(arguments)
        from peerlint.cli.checking import Request, check

        return _flushed(check(Request.of(paths)))
    except InputError as error:
        _complain(str(_with_command_meant(error, arguments)))
        return EXIT_INPUT
    except KeyboardInterrupt as error:
        complain("")
        return _exit_code_of(error)
    except BrokenPipeError:
        silence_stdout()
        return EXIT_CLEAN
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            # No file can be called that, so it was not found in any folder: somebody gave it.
            _complain(f"{str(error.filename)[:_SHOWN]}…: this path is too long for any file; check the path")
            return EXIT_INPUT
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            _complain(str(_full(error)))
            return EXIT_INPUT
        for line in _bug_report(arguments, error):
            complain(line)
        return EXIT_BUG


def _with_command_meant(error: InputError, arguments: Sequence[str]) -> InputError:
    """The error with the command that a first word which is no path is like: `peerlint expalin x.md`."""
    word = next(iter(arguments), "")
    if error.path != word or error.what != NO_SUCH_PATH:
        return error
    from peerlint.lint.rules import nearest_name

    nearest = nearest_name(word, [name for name in COMMANDS if name[0] == word[:1]])
    meant = f', or did you mean "peerlint {nearest}"?' if nearest else ""
    return InputError(error.what, path=error.path, todo=error.todo + meant)


def _full(error: OSError) -> InputError:
    """What could not be written for want of room; mostly standard output, which is given up then."""
    silence_stdout()
    path = None if error.filename is None else str(error.filename)
    return InputError(f"cannot write: {reason_of(error)}", path=path, todo="make room")


def _plain_paths(arguments: Sequence[str]) -> Sequence[str] | None:
    """The paths of a call that is nothing but `[check] PATHS`; None for one that click has to read.

    click with what it imports takes longer than linting a file, and here it has nothing to say.
    """
    if not arguments or any(variable.startswith(_VARIABLES) for variable in os.environ):
        return None
    paths = arguments[1:] if arguments[0] == DEFAULT_COMMAND else arguments
    if not paths or arguments[0] in COMMANDS.keys() - {DEFAULT_COMMAND}:
        return None
    return paths if all(path and not path.startswith("-") for path in paths) else None


def _run_command(arguments: Sequence[str]) -> int:
    import click

    from peerlint.cli.commands import group

    try:
        result = group.main(args=list(arguments), prog_name="peerlint", standalone_mode=False)
        return _flushed(result if isinstance(result, int) else EXIT_CLEAN)
    except click.ClickException as error:
        _complain(_usage_message(error))
        return EXIT_INPUT
    except click.Abort as error:
        return _exit_code_of(error.__cause__)


def _exit_code_of(interruption: BaseException | None) -> int:
    """130 after Ctrl-C, 143 after SIGTERM, as shells count."""
    code = getattr(interruption, "exit_code", EXIT_INTERRUPTED)
    return code if isinstance(code, int) else EXIT_INTERRUPTED


def _flushed(code: int) -> int:
    # A server of editors closes it when its client has gone.
    if not sys.stdout.closed:
        sys.stdout.flush()
    return code


def _complain(message: str) -> None:
    complain(message if message.startswith("peerlint") else f"peerlint: {message}")


def _usage_message(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f"; see {context.command_path} --help" if context is not None else ""
    if hasattr(error, "option_name") and context is not None and context.info_name == "run":
        hint = f"; arguments of the process stand behind --{hint}"
    return " ".join(error.format_message().split()).rstrip(".") + hint


def _bug_report(arguments: Sequence[str], error: BaseException) -> list[str]:
    """What a person can paste: versions, the call, and where the error came from, without the text of any file."""
    import platform
    import traceback

    frames = [
        f"  {frame.filename.rpartition('peerlint')[2].lstrip(os.sep) or frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "peerlint" in frame.filename
    ]
    return [
        "peerlint: this is a bug in peerlint, not in your files. Please report it with these lines:",
        f"  peerlint {peerlint.__version__}, Python {platform.python_version()}, {platform.system()}",
        f"  arguments: {' '.join(arguments)}",
        f"  {type(error).__name__}: {error}",
        *frames,
    ]

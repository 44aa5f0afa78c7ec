"""`peerlint lsp`: the language server, on standard input and output."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

import peerlint
from peerlint.cli.checker import Checker, Options
from peerlint.cli.common import Workspace
from peerlint.errors import InputError
from peerlint.lint.diagnostics import FileFindings
from peerlint.source.text import SourceText


@click.command(short_help="Serve an editor: findings, quick fixes, rule texts.")
@click.option("--stdio", is_flag=True, help="Talk on standard input and output (the only way there is).")
@click.version_option(peerlint.__version__, "--version", message="peerlint %(version)s")
def command(stdio: bool) -> int:
    """Serve an editor over the Language Server Protocol, until standard input ends.

    It starts no process and writes no file; the editor applies the fixes.
    """
    if importlib.util.find_spec("pygls") is None:
        raise InputError("the language server needs pygls", todo='pip install "peerlint[lsp]"')
    from peerlint.lsp.server import make_server

    make_server(_check, peerlint.__version__).start_io()
    return 0


def _check(path: Path, text: str) -> FileFindings:
    """The findings of a text in the place of a file, under the config as it is now. Raises InputError."""
    checker = Checker(Workspace(), Options())
    source = SourceText(checker.workspace.project(path).label(path), text)
    return FileFindings(source) if checker.is_excluded(path) else checker.findings(path, source)

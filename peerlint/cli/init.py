"""`peerlint init`: a config file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from peerlint.cli.streams import NO_ROOM, reason_of
from peerlint.config import TOML_NAME, YAML_NAME
from peerlint.errors import InputError

CONFIG = """\
# What peerlint looks for in this project. Everything is optional; what stands behind # is the default or an example.
# All keys: docs/configuration.md of peerlint.

# bugs: what is wrong under any philosophy. coordination: also script orchestration. proved: also unproved migrations.
profile: coordination

# What survives between two shell calls of the agent: claude-code, persistent-shell or none.
harness: claude-code

# Rules by code (PL101), family (PL1) or name (external-script); `peerlint rule` lists them.
# ignore: [PL102]
# extend-select: []
# severity: {external-script: warning}
# per-file-ignores: {"docs/**": [PL1]}

# Folders and files that are left out.
# exclude: [vendor]

# Least severity that makes `peerlint check` fail: note, warning or error.
fail-on: warning
"""


@click.command(short_help="Write a config file to begin with.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(folder: Path) -> int:
    """Write .peerlint.yaml with every common key explained into FOLDER (default: the current one).

    Nothing that is there is overwritten.
    """
    if not folder.is_dir():
        raise InputError("no such folder", path=str(folder))
    toml = folder / TOML_NAME
    if toml.is_file() and "[tool.peerlint" in toml.read_text(encoding="utf-8", errors="replace"):
        raise InputError("has config of peerlint already", path=str(toml), todo="edit it")
    path = folder / YAML_NAME
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(CONFIG)
    except FileExistsError:
        raise InputError("is there already", path=str(path), todo="edit it") from None
    except OSError as error:
        if error.errno in NO_ROOM:
            path.unlink(missing_ok=True)
        raise InputError(f"cannot be written: {reason_of(error)}", path=str(path)) from None
    click.echo(f"Wrote {path}.")
    return 0

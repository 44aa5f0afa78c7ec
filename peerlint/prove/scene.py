"""What stands in a scene: files of the project below `work`, those of the home (`~/…`) below `home`."""

from __future__ import annotations

import os
import posixpath
import re
import stat
from pathlib import Path

from peerlint.patterns import regex
from peerlint.source.project.references import FOLDERS_OF_HARNESS

#: Where the folders that the harness names stand: a plugin is not of the project in which it is used.
FOLDERS_GIVEN = dict.fromkeys(FOLDERS_OF_HARNESS, ".") | {"CLAUDE_PLUGIN_ROOT": "~/.claude/plugins/own"}
_GIVEN = "|".join(sorted(FOLDERS_GIVEN))
_IN_GIVEN = regex(rf"\$(?:\{{(?P<braced>{_GIVEN})(?::?-[^}}]*)?\}}|(?P<plain>{_GIVEN}))(?=/)")


def given_in(home: str, work: str) -> dict[str, str]:
    """What names hold that both sides are given, where these are the home and the folder of the project."""
    folders = {name: posixpath.normpath(f"{work}/{place}") for name, place in FOLDERS_GIVEN.items() if place[0] != "~"}
    folders |= {name: home + place[1:] for name, place in FOLDERS_GIVEN.items() if place[0] == "~"}
    return {"HOME": home, "PWD": work, **folders}


def read_files(scene: Path, without: set[Path]) -> dict[str, str]:
    """Files below `work` by relative path, those below `home` as `~/…`; with links, and folders in which nothing is."""
    found: dict[str, str] = {}
    for folder, prefix in (("work", ""), ("home", "~/")):
        for path in sorted((scene / folder).rglob("*")):
            name = prefix + path.relative_to(scene / folder).as_posix()
            if path.is_symlink():
                found[link_name(name, str(path.readlink()))] = ""
            elif path.is_dir() and not any(path.iterdir()):
                found[f"{name}/"] = ""
            elif path.is_file() and path not in without:
                found[name] = path.read_bytes()[: 1 << 20].decode("utf-8", "surrogateescape")
    return found


def link_name(name: str, target: str) -> str:
    """How a link stands among the files that are left."""
    return f"{name} -> {target}"


def written_text(path: Path, most: int) -> str:
    """What a program has written there, so many characters at most; "" where it has put a link, a pipe or nothing."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(handle, encoding="utf-8", errors="surrogateescape") as stream:
        return stream.read(most) if stat.S_ISREG(os.fstat(handle).st_mode) else ""


def script_place(name: str, scene: Path) -> Path:
    """Where a script that is called by this name has to stand in a scene; never outside of it."""
    name = name.replace('"', "")
    given = _IN_GIVEN.match(name)
    if given:
        name = FOLDERS_GIVEN[given["braced"] or given["plain"]] + name[given.end() :]
    home = re.match(r"(?:~|\$HOME|\$\{HOME\})/", name)
    inside = Path(*[part for part in Path(name[home.end() :] if home else name).parts if part not in ("..", "/")])
    return scene / ("home" if home else "work") / inside


def script_name(name: str) -> str:
    """The name that a script has among the files that are left."""
    place = script_place(name, Path())
    inside = "/".join(place.parts[1:])
    return f"~/{inside}" if place.parts[0] == "home" else inside

"""What most lines of a `.gitignore` are, told without the library: to load that takes longer than a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from peerlint.patterns import regex

#: Names and paths without `!`, blanks, escapes, ranges and `**`, but for one in front of all.
_PLAIN = regex(
    r"(?P<anchor>/|\*\*/)?"
    r"(?P<body>(?:[\w.@+~$%=,-]|\*(?!\*)|\?|\[\w+\])+(?:/(?:[\w.@+~$%=,-]|\*(?!\*)|\?|\[\w+\])+)*)"
    r"(?P<folder>/)?",
    re.ASCII,
)
_WILD = regex(r"[*?\[]")
_PIECE = regex(r"\?|\[\w+\]|[^?\[]+", re.ASCII)


def plain_rules(lines: Sequence[str]) -> Callable[[str], bool | None] | None:
    """Whether a path is ignored, None where nothing is said of it; None where a line is not plain.

    A path is relative to the folder of the rules, with `/` at its end where it is a folder.
    """
    #: Of names at any depth and of whole paths: those of anything, and those of folders.
    names: tuple[set[str], set[str]] = (set(), set())
    paths: tuple[set[str], set[str]] = (set(), set())
    wild: list[str] = []
    for line in lines:
        if not line or line.startswith("#"):
            continue
        found = _PLAIN.fullmatch(line)
        if found is None or not {".", ".."}.isdisjoint(found["body"].split("/")):
            return None
        body, is_folder = found["body"], found["folder"] is not None
        is_path = found["anchor"] == "/" or ("/" in body and found["anchor"] is None)
        if "/" in body and not is_path:
            return None
        if _WILD.search(body):
            wild.append(_pattern(body, is_path=is_path, is_folder=is_folder))
        else:
            (paths if is_path else names)[is_folder].add(body)
    pattern = re.compile("|".join(wild)) if wild else None

    def verdict(path: str) -> bool | None:
        parts = path.removesuffix("/").split("/")
        for depth, part in enumerate(parts, 1):
            is_folder = depth < len(parts) or path.endswith("/")
            above = "/".join(parts[:depth])
            if part in names[0] or above in paths[0]:
                return True
            if is_folder and (part in names[1] or above in paths[1]):
                return True
        return True if pattern is not None and pattern.fullmatch(path) else None

    return verdict


def _pattern(body: str, *, is_path: bool, is_folder: bool) -> str:
    pieces = "/".join("[^/]+" if part == "*" else _of_part(part) for part in body.split("/"))
    return f"{'' if is_path else '(?:.+/)?'}{pieces}{'/.*' if is_folder else '(?:/.*)?'}"


def _of_part(part: str) -> str:
    """The pattern of what stands between two `/`.

    What follows a `*` is of one length up to the next, so the first place where it fits is as good as any other. None
    is tried again, else `*a*a*a*a*b` would take time by the fourth power of a name.
    """
    first, *others = ("".join(_of_piece(piece) for piece in _PIECE.findall(fixed)) for fixed in part.split("*"))
    if not others:
        return first
    between = "".join(f"(?>[^/]*?{fixed})" for fixed in others[:-1])
    return f"{first}{between}[^/]*{others[-1]}"


def _of_piece(piece: str) -> str:
    return "[^/]" if piece == "?" else piece if piece.startswith("[") else re.escape(piece)

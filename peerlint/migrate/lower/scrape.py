"""What a pipeline of text filters takes out of the output of `nats`: evaluated on samples, never guessed.

The filters understood here are those that scripts scrape with. One that is not understood gives None, and then nothing
is known about the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

#: Two samples of each output, so that a filter that hits by chance is found out. Values are unlike in every field.
_INFO = """Information for Key-Value Store Bucket {bucket} created 2031-03-14 15:19:26

Configuration:

            Bucket Name: {bucket}
           History Kept: {history}
          Values Stored: 991
             Compressed: false
  Per-Key TTL Supported: false
     Backing Store Kind: JetStream
            Bucket Size: 993 B
    Maximum Bucket Size: unlimited
     Maximum Value Size: unlimited
            Maximum Age: unlimited
       JetStream Stream: KV_{bucket}
                Storage: File

Cluster Information:

                   Name: C
                 Leader: NLEADER
"""
_GET = "{bucket} > {key} revision: {revision} created @ 2031-03-14 15:19:26\n\n{value}\n\n"


def scraped_from_info(bucket: str, filters: Sequence[Sequence[str]]) -> str | None:
    """What the filters take out of `nats kv info`: `history`, "" for nothing at all, None for anything else."""
    outputs = [evaluate(filters, _INFO.format(bucket=bucket, history=history)) for history in (37, 5)]
    if outputs == ["37", "5"]:
        return "history"
    return "" if outputs == ["", ""] else None


def seeks_the_history(filters: Sequence[Sequence[str]]) -> bool:
    """Whether the filters would take the history out of `nats kv info` if that had the label that they look for."""
    words = [word for argv in filters for word in argv[1:]]
    labels = {label.strip() for word in words for label in re.findall(r"[A-Z][A-Za-z ]*", word) if "istory" in label}
    return any(
        [evaluate(filters, _INFO.format(bucket="B", history=n).replace("History Kept", label)) for n in (37, 5)]
        == ["37", "5"]
        for label in labels
    )


def scraped_from_get(filters: Sequence[Sequence[str]]) -> str | None:
    """`revision` where the filters take just that number out of `nats kv get`, else None."""
    samples = [
        _GET.format(bucket="bucket", key="some.key", revision=revision, value=value)
        for revision, value in ((4711, "text"), (8, '{"a": 1}'))
    ]
    return "revision" if [evaluate(filters, sample) for sample in samples] == ["4711", "8"] else None


def evaluate(filters: Sequence[Sequence[str]], text: str) -> str | None:
    """Output of the pipeline without trailing newlines, or None where a filter is not understood."""
    for argv in filters:
        handler = _FILTERS.get(argv[0])
        result = handler(argv[1:], text) if handler else None
        if result is None:
            return None
        text = result
    return text.rstrip("\n")


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _grep(arguments: Sequence[str], text: str) -> str | None:
    flags = "".join(argument[1:] for argument in arguments if re.fullmatch(r"-[a-zA-Z]+", argument))
    patterns = [argument for argument in arguments if not argument.startswith("-")]
    if len(patterns) != 1 or set(flags) - set("oEiPFm"):
        return None
    pattern = _expression(patterns[0], extended="E" in flags or "P" in flags, fixed="F" in flags)
    if pattern is None:
        return None
    if "P" in flags and r"\K" in pattern:
        before, _, after = pattern.partition(r"\K")
        pattern = f"(?<={before})(?:{after})" if not re.search(r"[*+?{]", before) else f"{before}({after})"
    try:
        compiled = re.compile(pattern, re.IGNORECASE if "i" in flags else 0)
    except re.error:
        return None
    if "o" in flags:
        return _text([m.group(m.lastindex or 0) for line in _lines(text) for m in compiled.finditer(line) if m.group()])
    return _text([line for line in _lines(text) if compiled.search(line)])


def _expression(pattern: str, *, extended: bool, fixed: bool = False) -> str | None:
    """A POSIX expression for Python's engine; None where the two could differ."""
    if fixed:
        return re.escape(pattern)
    for name, characters in (("digit", "0-9"), ("space", r"\s"), ("alpha", "A-Za-z"), ("alnum", "A-Za-z0-9")):
        pattern = pattern.replace(f"[:{name}:]", characters)
    if "[:" in pattern:
        return None
    if extended:
        return pattern
    # In a basic expression these signs are plain unless a backslash stands before them.
    swap = re.sub(r"\\([+?(){}|])|([+?(){}|])", lambda m: m[1] if m[1] else "\\" + m[2], pattern)
    return re.sub(r"\\\\([+?(){}|])", r"\1", swap) if r"\\" in swap else swap


def _cut(arguments: Sequence[str], text: str) -> str | None:
    match = re.fullmatch(
        r"(?:-d ?(.)\0)?-f ?(\d+)(-)?(?:\0-d ?(.))?", "\0".join(arguments).replace("-d\0", "-d ").replace("-f\0", "-f ")
    )
    if not match:
        return None
    sign = match[1] or match[4] or "\t"
    number = int(match[2])
    lines = []
    for line in _lines(text):
        fields = line.split(sign)
        lines.append(
            line if len(fields) == 1 else sign.join(fields[number - 1 :] if match[3] else fields[number - 1 : number])
        )
    return _text(lines)


def _awk(arguments: Sequence[str], text: str) -> str | None:
    separator = None
    arguments = list(arguments)
    if arguments and arguments[0].startswith("-F"):
        separator = arguments.pop(0)[2:] or (arguments.pop(0) if arguments else "")
        separator = separator.strip("'\"")
    match = (
        re.fullmatch(r"\s*(?:/([^/]*)/)?\s*\{\s*print \$(\d+|NF|\(NF-\d+\))\s*;?\s*\}\s*", arguments[0])
        if len(arguments) == 1
        else None
    )
    if not match:
        return None
    lines = []
    for line in _lines(text):
        if match[1] is not None and not re.search(match[1], line):
            continue
        if separator is None or separator == " ":
            fields = line.split()
        else:
            fields = re.split(separator if len(separator) > 1 else re.escape(separator), line)
        which = match[2]
        if which == "0":
            lines.append(line)
            continue
        index = (
            len(fields) if which == "NF" else len(fields) - int(which[4:-1]) if which.startswith("(") else int(which)
        )
        lines.append(fields[index - 1] if 0 < index <= len(fields) else line if which == "NF" and not fields else "")
    return _text(lines)


def _sed(arguments: Sequence[str], text: str) -> str | None:
    extended = "-E" in arguments or "-r" in arguments
    quiet = "-n" in arguments
    programs = [a for a in arguments if a not in ("-E", "-r", "-n", "-e")]
    match = re.fullmatch(r"s(.)((?:(?!\1).)*)\1((?:(?!\1).)*)\1([gp]*)", programs[0]) if len(programs) == 1 else None
    if not match or ("p" in match[4]) != quiet:
        return None
    pattern = _expression(match[2], extended=extended)
    if pattern is None or "&" in match[3]:
        return None
    lines = []
    try:
        for line in _lines(text):
            changed, number = re.subn(pattern, match[3], line, count=0 if "g" in match[4] else 1)
            if number or not quiet:
                lines.append(changed)
    except re.error:
        return None
    return _text(lines)


def _head(arguments: Sequence[str], text: str) -> str | None:
    match = re.fullmatch(r"-(?:n ?)?(\d+)", " ".join(arguments)) if arguments else None
    if arguments and not match:
        return None
    return _text(_lines(text)[: int(match[1]) if match else 10])


def _tail(arguments: Sequence[str], text: str) -> str | None:
    match = re.fullmatch(r"-(?:n ?)?(\d+)", " ".join(arguments)) if arguments else None
    if arguments and not match:
        return None
    return _text(_lines(text)[-(int(match[1]) if match else 10) :])


def _tr(arguments: Sequence[str], text: str) -> str | None:
    if len(arguments) != 2 or arguments[0] != "-d":
        return None
    what = arguments[1].replace("[:space:]", " \n\t").replace("\\n", "\n")
    if any(b == "-" for _, b in pairwise(what)):
        return None
    return "".join(char for char in text if char not in what)


def _xargs(arguments: Sequence[str], text: str) -> str | None:
    if arguments:
        return None
    import shlex

    try:
        return " ".join(shlex.split(text)) + "\n"
    except ValueError:
        return None


_FILTERS = {
    "grep": _grep,
    "egrep": lambda arguments, text: _grep(["-E", *arguments], text),
    "cut": _cut,
    "awk": _awk,
    "sed": _sed,
    "head": _head,
    "tail": _tail,
    "tr": _tr,
    "xargs": _xargs,
}

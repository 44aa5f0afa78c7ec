"""What the user types: behind the name of a command, put into a call as the harness does it, and as an answer."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from functools import lru_cache

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Parameter, Redirection, walk

_ARGUMENTS = "$ARGUMENTS"
#: What means something between double quotes; in a here-document a double quote does not.
_QUOTED, _HERE = re.compile(r'[\\$`"]'), re.compile(r"[\\$`]")


def with_arguments(call: str, arguments: Sequence[str]) -> str:
    """The call with `$ARGUMENTS` filled in: words where bash takes words, their text between quotes.

    The harness pastes the text as it was typed. A text that would end the quotes it is pasted into is not meant by
    anybody, so there each of its signs stands for itself, as in the logic.
    """
    if _ARGUMENTS not in call:
        return call
    text, words = " ".join(arguments), shlex.join(arguments)
    pieces, done = [], 0
    for start, end, special in _between_quotes(call):
        pieces += [call[done:start].replace(_ARGUMENTS, words), special.sub(lambda sign: "\\" + sign[0], text)]
        done = end
    return "".join([*pieces, call[done:].replace(_ARGUMENTS, words)])


def places_filled(call: str, arguments: Sequence[str]) -> list[str]:
    """The arguments of a call by their place.

    The harness puts nothing in the place of one that was not typed. To bash it would be unset, which ends a call under
    `set -u`; so it is empty there, unless the call asks how many there are.
    """
    if _COUNTS.search(call) or not _NOUNSET.search(call):
        return [*arguments]
    places = max((int(found[1] or found[2]) for found in _PLACE.finditer(call)), default=0)
    return [*arguments, *[""] * (places - len(arguments))]


_COUNTS, _PLACE = re.compile(r"\$\{?[#@*]"), re.compile(r"\$(?:([1-9])|\{([1-9])\})")
_NOUNSET = re.compile(r"^\s*set\s+(?:-\w+\s+)*-(?:\w*u|o\s+nounset|\w*o\s+nounset)", re.MULTILINE)


@lru_cache(maxsize=64)
def _between_quotes(call: str) -> tuple[tuple[int, int, re.Pattern[str]], ...]:
    """Where the name stands between double quotes or in a here-document, and what has to be escaped there."""
    nodes = list(walk(parse_bash(call).commands))
    here = [node.target.span for node in nodes if isinstance(node, Redirection) and node.operator.startswith("<<")]
    here = [span for span in here if "\n" in call[span.start : span.end]]
    found = {
        node.span
        for node in nodes
        if isinstance(node, Parameter) and node.quoted and call[node.span.start : node.span.end] == _ARGUMENTS
    }
    return tuple(
        (span.start, span.end, _HERE if any(h.start <= span.start < h.end for h in here) else _QUOTED)
        for span in sorted(found, key=lambda span: span.start)
    )


def answering(answers: Mapping[str, str]) -> str:
    """Code after which `read -p "question" NAME` gets the answer of the user, as it would on a terminal.

    Where one question is answered all are, the others with yes.
    """
    if not answers:
        return ""
    cases = "".join(
        f'    *{shlex.quote(question)}*) builtin read "$@" <<< {shlex.quote(answer)}; return ;;\n'
        for question, answer in answers.items()
    )
    cases += '    -p\\ *|-rp\\ *|-r\\ -p\\ *) builtin read "$@" <<< yes; return ;;\n'
    return f'read() {{\n  case "$*" in\n{cases}  esac\n  builtin read "$@"\n}}\nexport -f read\n'

"""PL206: JSON that shell puts together from text and variables."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.lint.context import Context, Found, ShellView, step_label
from peerlint.patterns import regex
from peerlint.process.bash.tree import Parameter, Redirection, Simple, Substitution, Word, walk

_JSON_START = regex(r"""^\s*[{\[]\s*\\?["{\[]""")


def interpolated_json(context: Context) -> Iterator[Found]:
    """JSON that is put together from text and variables: a quote in a value breaks it."""
    if not any(_may_put_together(shell) for shell in (context.file.possible_shell, *context.file.behind_calls)):
        return
    for view in context.executed():
        for word in _json_words(view):
            body = view.text(word.span).strip("\"'")
            # Where a value comes from is looked for in all calls, so the cheap question is asked first.
            if not _JSON_START.match(body):
                continue
            places = [p for p in walk(word) if isinstance(p, (Parameter, Substitution))]
            places = [place for place in places if not _is_plain(context, view, place)]
            if places and _is_inside_string(body, view, places):
                yield view.found(places[0].span, {"step": step_label(view.step)})
        for place in _printed_into_json(context, view):
            yield view.found(place.span, {"step": step_label(view.step)})


def _may_put_together(shell: str) -> bool:
    """Whether shell may put JSON together, told without reading it; `[ "$A" = b ]` alone is no list."""
    if "$" not in shell and "`" not in shell:
        return False
    if _OBJECT.search(shell):
        return True
    return any(
        "<<" in shell or _BEFORE_LIST.search(shell, max(0, found.start() - _FURTHEST_BEFORE), found.start())
        for found in _LIST.finditer(shell)
    )


_OBJECT = regex(r"""\{\s*\\?["{\[]""")
_LIST = regex(r"""\[\s*\\?["{\[]""")
#: A list in quotes, or as a word of what prints or stores it. No command is longer than that.
_BEFORE_LIST = regex(r"""["']\s*\Z|\b(?:echo|printf|nats)\b(?:[^\n;|&\\]|\\[\s\S])*\Z""")
_FURTHEST_BEFORE = 1000


def _printed_into_json(context: Context, view: ShellView) -> Iterator[Parameter | Substitution]:
    """The first value that a `printf` puts between the quotes of a JSON string in its format."""
    for node in walk(view.script.commands):
        if not (isinstance(node, Simple) and node.name == "printf" and len(node.words) > 2):
            continue
        form = node.words[1].literal or ""
        if not (_JSON_START.match(form) and _QUOTED_VALUE.search(form)):
            continue
        values = (part for word in node.words[2:] for part in walk(word) if isinstance(part, (Parameter, Substitution)))
        value = next((value for value in values if not _is_plain(context, view, value)), None)
        if value is not None:
            yield value


_QUOTED_VALUE = regex(r'"[^"%]*%s[^"]*"')


def _json_words(view: ShellView) -> Iterator[Word]:
    """Where shell puts text together: here-documents, what is printed, and values for NATS KV."""
    for node in walk(view.script.commands):
        if isinstance(node, Redirection) and node.operator in ("<<", "<<-"):
            yield node.target
        elif isinstance(node, Simple) and node.name in ("echo", "printf"):
            yield from node.words[1:2]
        elif isinstance(node, Simple) and node.name == "nats" and any(w.literal == "kv" for w in node.words[1:2]):
            yield from node.words[3:]


_PLAIN_SOURCES = regex(r"^\w+=\"?\$\((?:date|uuidgen|hostname|git rev-parse|git rev-list|wc)\b[^|)]*\)\"?$")


def _is_plain(context: Context, view: ShellView, place: Parameter | Substitution) -> bool:
    """Whether the value comes from a command whose output has no quotes."""
    if isinstance(place, Substitution):
        return _PLAIN_SOURCES.match(f"X={view.text(place.span)}") is not None
    if place.name in view.constants:
        return True
    makers = [view] if view.script.commands.assignments.get(place.name) else context.calls()
    made = [
        maker.text(assignment.span)
        for maker in makers
        for assignment in maker.script.commands.assignments.get(place.name, ())
    ]
    return bool(made) and all(_PLAIN_SOURCES.match(code) for code in made)


def _is_inside_string(body: str, view: ShellView, places: list[Parameter | Substitution]) -> bool:
    """Whether a variable stands between the quotes of a JSON string; bare ones are numbers or whole JSON values."""
    for place in places:
        before = body[: max(0, body.find(view.text(place.span)))].rpartition("\n")[2]
        if before.count('"') % 2:
            return True
    return False


DETECTORS = (interpolated_json,)

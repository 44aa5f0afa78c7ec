"""`peerlint explain FILE`: how each line of a file was understood."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peerlint.cli.common import Workspace, one_file
from peerlint.cli.meaning import canonical_line, in_words
from peerlint.errors import InputError
from peerlint.process.build import Reading, ShellCall, StepReading
from peerlint.process.logic import (
    Binding,
    BindingKind,
    LineShare,
    Unrenderable,
    line_shares,
    render_condition,
    render_logic,
    rendered_blocks,
)
from peerlint.process.model import (
    Branch,
    Check,
    Delegate,
    Do,
    ForEach,
    If,
    InFolder,
    Opaque,
    Parameter,
    Repeat,
    Say,
    Shell,
    ShellForm,
    Statement,
)
from peerlint.process.roles import Role
from peerlint.records import dataclass
from peerlint.report.escape import printable
from peerlint.source.document import Element, Fence
from peerlint.source.text import Span

if TYPE_CHECKING:
    from peerlint.migrate.lower import StepLowering

_ROLES = {
    Role.PROCEDURE: "the agent is told to run it",
    Role.REFERENCE: "commands for reference, shown and not run",
    Role.TEMPLATE: "output to be written, not run",
    Role.DELIVERABLE: "a script that the agent shall create, not run",
    Role.EXAMPLE: "an example, not run",
    Role.COUNTER_EXAMPLE: "shows what not to do",
    Role.DOCUMENTATION: "documentation, not run",
    Role.TEACHING: "teaches shell, not run",
}
_SHARES = {
    LineShare.LANGUAGE: "meaning of their own",
    LineShare.TASK: "work in prose for the agent",
    LineShare.JUDGED: "judgement",
    LineShare.UNBOUND: "conditions bound to nothing",
    LineShare.NOTE: "remarks",
    LineShare.OPAQUE: "not understood",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the explanation: a statement or the head of a branch, `depth` levels deep."""

    depth: int
    span: Span
    kind: str
    text: str
    bindings: tuple[Binding, ...] = ()
    opaque: str | None = None
    role: Role | None = None
    statement: Statement | None = None


@click.command("explain", short_help="Show how each line of a file was understood.")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--step", metavar="N", help="Only this step, with its logic after each pass of the migration.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--script-root", metavar="DIR", type=click.Path(path_type=Path), help="Folder of ~/.agent-os scripts.")
def command(file: Path, step: str | None, output_format: str, script_root: Path | None) -> int:
    """Show what FILE tells an agent to do: the kind of the file, and for each step its statements.

    Each condition is shown with what it was bound to and why, shell with its role and scripts, and what was not
    understood with the reason. Nothing is executed.
    """
    reading = Workspace(script_root).read(one_file(file))
    if step is not None and reading.step(step) is None:
        known = ", ".join(found.number for found in reading.steps)
        raise InputError(f"has no step {step}", path=reading.document.source.path, todo=f"its steps are {known}")
    if output_format == "json":
        click.echo(json.dumps(as_json(reading, step), indent=2, ensure_ascii=False))
    else:
        for line in as_text(reading, step):
            click.echo(line)
    return 0


def as_json(reading: Reading, only: str | None = None) -> dict[str, Any]:
    """The explanation as data; with `only`, that step also has `passes`, `repairs`, `leftover` and `contracts`."""
    steps = []
    for step in _steps(reading, only):
        found: dict[str, Any] = {
            "number": step.number,
            "name": step.name,
            "subagent": step.subagent,
            "statements": [_statement_json(reading, entry) for entry in entries(reading, step)],
            "not_run": [_aside_json(reading, node) for node in not_run(reading, step)],
        }
        if only is not None:
            found.update(_lowering_json(reading, step))
        steps.append(found)
    source = reading.document.source
    parameters = [{"flag": p.flag, "takes_value": p.takes_value} for p in reading.process.parameters]
    found_outside = [_statement_json(reading, entry) for entry in _outside(reading)] if only is None else []
    return {
        "file": source.path,
        "kind": reading.kind.value,
        "parameters": parameters,
        "steps": steps,
        "outside": found_outside,
    }


def as_text(reading: Reading, only: str | None = None) -> Iterator[str]:
    """The explanation as lines for a terminal; text of the file is made harmless."""
    steps = _steps(reading, only)
    count = len(reading.steps)
    kind = reading.kind.value.replace("_", " ")
    yield f"{printable(reading.document.source.path)}: {kind}, {count} step{'' if count == 1 else 's'}"
    if reading.process.parameters:
        yield "parameters: " + ", ".join(_parameter(p) for p in reading.process.parameters)
    yield from (printable(line) for line in _numbered_alike(reading))
    yield from _summary(reading, steps)
    width = len(str(reading.document.source.lines.rows))
    for step in steps:
        yield ""
        head = f"step {step.number}" + (f" {step.name}" if step.name else "")
        yield printable(head + (f", done by the subagent {step.subagent}" if step.subagent else ""))
        found = _with_asides(reading, step)
        if not found:
            yield f"{'':{width}}  prose only: nothing that peerlint checks, runs or migrates"
        for entry in found:
            yield from (printable(line) for line in _entry_lines(reading, entry, width))
        if only is not None:
            yield from _lowering_lines(reading, step)
    outside = _outside(reading) if only is None else []
    if outside:
        yield from ("", "outside of the steps: checked, and never run or migrated")
        for entry in outside:
            yield from (printable(line) for line in _entry_lines(reading, entry, width))


def _outside(reading: Reading) -> list[Entry]:
    """Shell that no step holds: inline commands, and what stands before, between or behind numbered steps."""
    from peerlint.lint.context import FileView
    from peerlint.process.harness import Harness

    inside = {id(call) for step in reading.steps for call in step.shell}
    calls = [view.call for view in FileView(reading, Harness.NONE, None).shells if view.call is not None]
    return [
        _entry(reading, call.statement, 0, (), call)
        for call in calls
        if id(call) not in inside and call.role is Role.PROCEDURE
    ]


def _numbered_alike(reading: Reading) -> Iterator[str]:
    """Numbers that more than one step has: all of them are shown, and none is migrated."""
    for number, steps in reading.numbered_alike.items():
        rows = " and ".join(str(_row(reading, step.span)) for step in steps)
        first = f"PROCEED to step {number} goes to the first"
        yield f"{len(steps)} steps have the number {number}, at lines {rows}: {first}"


def _row(reading: Reading, span: Span) -> int:
    return reading.document.source.lines.position(span.start).row


def _summary(reading: Reading, steps: list[StepReading]) -> Iterator[str]:
    """How many lines of logic say what to the machine."""
    counts = Counter(_shares(reading, steps))
    parts = [f"{words} {counts[share]}" for share, words in _SHARES.items() if counts[share]]
    if parts:
        total = sum(counts.values())
        yield f"{total} line{'' if total == 1 else 's'} of logic: {', '.join(parts)}"


def _shares(reading: Reading, steps: list[StepReading]) -> Iterator[LineShare]:
    for step in steps:
        for container in step.logic:
            text = reading.document.text(container.span)
            shares = line_shares(text, container.reading, container.span.start)
            yield from (share for _, share in shares if share is not None)


def not_run(reading: Reading, step: StepReading) -> Iterator[Fence | Element]:
    """Code and tags of a step that hold nothing to do: examples, templates, commands for reference."""
    run = {id(call.node) for call in step.shell}
    others = {id(other.node) for other in reading.steps if other is not step and other.node is not None}
    stack = list(reversed(reading.document.roots if step.node is None else step.nodes))
    while stack:
        node = stack.pop()
        if id(node) in others or id(node) in run:
            continue
        if isinstance(node, Fence) or (isinstance(node, Element) and reading.roles.of(node) is not Role.PROCEDURE):
            yield node
        else:
            stack.extend(reversed(node.children))


def _with_asides(reading: Reading, step: StepReading) -> list[Entry | Fence | Element]:
    """The statements, and what is not run, in the order of the text; what stands inside a statement belongs to it."""
    groups: list[tuple[int, list[Entry | Fence | Element]]] = []
    for entry in entries(reading, step):
        if entry.depth == 0:
            groups.append((entry.span.start, []))
        groups[-1][1].append(entry)
    groups += [(node.span.start, [node]) for node in not_run(reading, step)]
    return [item for _, group in sorted(groups, key=lambda group: group[0]) for item in group]


def entries(reading: Reading, step: StepReading) -> Iterator[Entry]:
    """The statements of a step in the order of the text, with those inside branches and loops."""
    bindings = sorted(step.bindings, key=lambda binding: binding.span)
    told: set[int] = set()
    calls = {id(call.statement): call for call in step.shell}
    stack: list[tuple[int, Entry | Statement]] = [(0, s) for s in reversed(step.step.statements)]
    while stack:
        depth, item = stack.pop()
        if isinstance(item, Entry):
            yield item
            continue
        inner: list[tuple[int, Entry | Statement]] = []
        if isinstance(item, If):
            for index, branch in enumerate(item.branches):
                if _has_no_line(branch):
                    inner += [(depth, s) for s in branch.body]
                    continue
                start = branch.span.start
                end = (
                    branch.body[0].span.start if branch.body and branch.body[0].span.start > start else branch.span.end
                )
                bound = _untold((b for b in bindings if start <= b.span.start < end), told)
                kind = "if" if index == 0 else "else if"
                inner.append((depth, Entry(depth, branch.span, kind, _first_line(reading, branch.span), bound)))
                inner += [(depth + 1, s) for s in branch.body]
            if item.otherwise is not None:
                at = _else_offset(reading, item)
                inner.append((depth, Entry(depth, Span(at, at), "else", "ELSE:")))
                inner += [(depth + 1, s) for s in item.otherwise]
        else:
            bound = _untold(_own(item, bindings), told)
            inner.append((depth, _entry(reading, item, depth, bound, calls.get(id(item)))))
            if isinstance(item, (ForEach, Repeat, InFolder)):
                inner += [(depth + 1, s) for s in item.body]
        stack.extend(reversed(inner))


def _has_no_line(branch: Branch) -> bool:
    """Whether the text implies a condition and does not write it: it begins where the first statement does."""
    return bool(branch.body) and branch.body[0].span.start == branch.span.start


def _own(statement: Statement, bindings: list[Binding]) -> Iterator[Binding]:
    """The conditions that a statement asks itself: not those of the statements inside it."""
    if not isinstance(statement, (Check, Opaque, Repeat)):
        return
    body = statement.body if isinstance(statement, Repeat) else ()
    inner = [each.span for each in body if each.span != statement.span]
    for binding in bindings:
        if statement.span.contains(binding.span) and not any(span.contains(binding.span) for span in inner):
            yield binding


def _untold(bindings: Iterable[Binding], told: set[int]) -> tuple[Binding, ...]:
    """Those that no line before has shown: one line of a file may stand for several statements."""
    new = tuple(binding for binding in bindings if id(binding) not in told)
    told.update(map(id, new))
    return new


def _else_offset(reading: Reading, item: If) -> int:
    """Where the ELSE of an If stands: the last one before its body."""
    end = item.otherwise[0].span.start if item.otherwise else item.span.end
    start = item.branches[-1].span.start
    found = reading.document.source.text.upper().rfind("ELSE", start, max(start, end))
    return found if found >= 0 else end


def _entry(
    reading: Reading, statement: Statement, depth: int, bound: tuple[Binding, ...], call: ShellCall | None
) -> Entry:
    span = statement.span
    opaque = statement.reason if isinstance(statement, Opaque) else None
    text = statement.code.split("\n")[0] if isinstance(statement, Shell) else _first_line(reading, span)
    # An inline command is run by the harness, whatever role its place has.
    is_inline = isinstance(statement, Shell) and statement.form is ShellForm.INLINE
    role = call.role if call and not is_inline else None
    return Entry(depth, span, _kind(statement), text, bound, opaque, role, statement)


def _kind(statement: Statement) -> str:
    match statement:
        case Do(effect=effect):
            return _words(type(effect).__name__)
        case Say(kind=kind):
            return kind.value.lower()
        case Shell(form=form):
            return f"shell ({form.value})"
        case Delegate(subagent=subagent):
            return f"delegate to {subagent}"
        case Opaque():
            return "not understood"
    return _words(type(statement).__name__)


def _words(name: str) -> str:
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()


def _first_line(reading: Reading, span: Span) -> str:
    text = reading.document.text(span).strip()
    return text.split("\n")[0].rstrip() if text else ""


def _entry_lines(reading: Reading, entry: Entry | Fence | Element, width: int) -> Iterator[str]:
    if not isinstance(entry, Entry):
        yield f"{_row(reading, entry.span):{width}}  {_first_line(reading, entry.span)}"
        yield f"{'':{width}}    = {_ROLES[reading.roles.of(entry)]} ({reading.roles.reason(entry)})"
        return
    row = _row(reading, entry.span)
    indent = "  " * entry.depth
    more = " ..." if entry.kind.startswith("shell") and "\n" in reading.document.text(entry.span).strip() else ""
    yield f"{row:{width}}  {indent}{entry.text}{more}"
    note = f"{'':{width}}  {indent}  = "
    if entry.opaque is not None:
        yield f"{note}not understood: {entry.opaque}"
    elif entry.statement is not None:
        role = f", {_ROLES[entry.role]}" if entry.role else ""
        yield f"{note}{in_words(entry.statement)}{role}"
        canonical = canonical_line(entry.statement)
        if canonical is not None and canonical != entry.text:
            yield f"{note}reads as {canonical}"
    for script in _scripts(reading, entry):
        yield f"{note}{script}"
    for binding in entry.bindings:
        there = _row(reading, binding.span)
        yield f"{note}{'' if there == row else f'line {there}, {binding.text}: '}{_bound_in_words(binding)}"


def _bound_in_words(binding: Binding) -> str:
    match binding.kind:
        case BindingKind.PREDICATE:
            same = _condition(binding) == binding.text
            return "tested as it stands" if same else f"tested: {_condition(binding)} ({binding.why})"
        case BindingKind.OUTCOME:
            return f"how the effect above ended: {_condition(binding)}"
        case BindingKind.ASK:
            return f"the user is asked ({binding.why})"
        case BindingKind.DECIDE:
            return f"the agent judges ({binding.why})"
        case BindingKind.UNBOUND:
            return f"not bound to anything that could be tested ({binding.why}); the agent judges"


def _scripts(reading: Reading, entry: Entry) -> Iterator[str]:
    if not entry.kind.startswith("shell"):
        return
    if isinstance(entry.statement, Shell):
        for reference in entry.statement.scripts:
            source = reading.scripts.get(reference)
            where = "not in this project" if source is None else source.path
            yield f"calls {reference}" + ("" if where == reference.removeprefix("./") else f": {where}")


def _condition(binding: Binding) -> str:
    if binding.predicate is None:
        return binding.text
    try:
        return render_condition(binding.predicate)
    except Unrenderable:
        return binding.text


def _statement_json(reading: Reading, entry: Entry) -> dict[str, Any]:
    bindings = [
        {"text": b.text, "kind": b.kind.value, "predicate": _condition(b) if b.predicate else None, "why": b.why}
        for b in entry.bindings
    ]
    return {
        "span": _span_json(reading, entry.span),
        "depth": entry.depth,
        "kind": entry.kind,
        "role": entry.role.value if entry.role else None,
        "text": entry.text,
        "binding": bindings[0] if bindings else None,
        "bindings": bindings,
        "opaque": entry.opaque,
    }


def _aside_json(reading: Reading, node: Fence | Element) -> dict[str, Any]:
    role, reason = reading.roles.of(node), reading.roles.reason(node)
    text = _first_line(reading, node.span)
    return {"span": _span_json(reading, node.span), "role": role.value, "text": text, "why": reason}


def _span_json(reading: Reading, span: Span) -> dict[str, dict[str, int]]:
    lines = reading.document.source.lines
    start, end = lines.position(span.start), lines.position(span.end)
    return {
        "location": {"row": start.row, "column": start.column},
        "end_location": {"row": end.row, "column": end.column},
    }


def _parameter(parameter: Parameter) -> str:
    return parameter.flag + ("=<value>" if parameter.takes_value else "")


def _steps(reading: Reading, only: str | None) -> list[StepReading]:
    return [step for step in reading.steps if only is None or step.number == only]


# --- what the migration makes of a step ------------------------------------------------------------------------------


def _lowering_json(reading: Reading, step: StepReading) -> dict[str, Any]:
    from peerlint.migrate.fix import plan
    from peerlint.migrate.lower.contract import contracts_of

    plan_ = plan(reading, step.number)
    lowering = plan_.lowerings.get(step.number) if step.number not in reading.numbered_alike else None
    passes = [{"name": name, "logic": _logic(statements)} for name, statements in lowering.passes] if lowering else []
    repairs = _repairs(reading, step.number, lowering) if lowering else []
    leftover = plan_.manual.get(step.number)
    contracts = contracts_of(step.step, lowering, reading.resolve) if lowering else ()
    provable = step.number in plan_.provable
    return {
        "passes": passes,
        "repairs": repairs,
        "provable": provable,
        "leftover": leftover,
        "contracts": ["\n".join(contract.lines()) for contract in contracts],
    }


def _repairs(reading: Reading, number: str, lowering: StepLowering) -> list[dict[str, str | None]]:
    """The repairs of a step, and at which line of the file or of which script they are made."""
    from peerlint.migrate.fix.places import place_of

    return [
        {"name": repair.name, "reason": repair.reason, "place": place_of(reading, number, lowering, repair.span)}
        for repair in lowering.repairs
    ]


def _lowering_lines(reading: Reading, step: StepReading) -> Iterator[str]:
    found = _lowering_json(reading, step)
    if not step.shell:
        yield from ("", "no shell in this step, nothing to migrate")
        return
    before = None
    for number, item in enumerate(found["passes"], 1):
        if item["logic"] == before:
            yield from ("", f"after pass {number}, {item['name']}: the same")
            continue
        before = item["logic"]
        yield from ("", f"after pass {number}, {item['name']}:")
        yield from (f"  {printable(line)}" for line in item["logic"].split("\n"))
    for repair in found["repairs"]:
        place = f" ({repair['place']})" if repair["place"] else ""
        yield from ("", printable(f"repair {repair['name']}: {repair['reason']}{place}"))
    if found["leftover"]:
        yield from ("", printable(f"stays as it is: {found['leftover']}"))
    elif found["provable"]:
        yield from ("", "peerlint --fix can migrate it, once the proof holds")
    for contract in found["contracts"]:
        yield ""
        yield from (printable(line) for line in contract.split("\n"))


def _logic(statements: tuple[Statement, ...]) -> str:
    """The statements as text; those that the language has no form for (shell, not lowered yet) as what they hold."""
    parts: list[str] = []
    for statement in statements:
        try:
            parts.append(render_logic((statement,)))
        except Unrenderable:
            parts.append(f"({_kind(statement)})")
    try:
        blocks = rendered_blocks(statements)
    except Unrenderable:
        blocks = {}
    for name, text in blocks.items():
        parts += [f"<{name}>", *(f"  {line}" for line in text.split("\n")), f"</{name}>"]
    return "\n".join(parts)

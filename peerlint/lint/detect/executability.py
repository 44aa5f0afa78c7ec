"""PL8: whether what is written can be run: conditions, anaphora, delegations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from peerlint.lint.context import Context, Found, step_label
from peerlint.patterns import regex
from peerlint.process.build import LogicContainer
from peerlint.process.build.exit_codes import is_order
from peerlint.source.document import Element
from peerlint.source.text import Places, Span


def unbound_condition(context: Context) -> Iterator[Found]:
    """Conditions that are neither a test, nor a question, nor marked as judgement."""
    # Of most files the language is not needed: they have no logic.
    from peerlint.process.logic import BindingKind

    for step in context.steps:
        for binding in step.bindings:
            judged = "you judge that" in context.document.text(binding.span)
            if _COMMAND_LINE.match(binding.text) or _is_thing_to_look_at(context, binding.span):
                continue
            if binding.kind is BindingKind.UNBOUND or (binding.kind is BindingKind.DECIDE and not judged):
                yield Found(binding.span, {"condition": _without_order(" ".join(binding.text.split()))})


#: What stands in a `<check>` or behind CHECK but is a command to run, a file to read, or the rest of a sentence.
_COMMAND_LINE = regex(r"^(?:(?:grep|find|git|ls|cat|npm|npx|test|gh|docker|curl|jq)\s+\S|[-–—]\s|@\S+$)")
#: What a condition is stated with. A `<check>` without it names what to look at: "most recent activity".
_STATES = regex(
    r"\b(?:is|are|was|were|be|has|have|had|do|does|did|doesn't|don't|isn't|aren't|can|cannot|must|should|will|exists?"
    r"|needs?|match(?:es)?|contains?|follows?|covers?|passes|holds?|equals?)\b|\?",
    re.IGNORECASE,
)
_CHECK_OPENS = "<check>"


def _is_thing_to_look_at(context: Context, span: Span) -> bool:
    text = context.document.source.text
    before = text[max(0, span.start - 200) : span.start].rstrip()
    return before.endswith(_CHECK_OPENS) and _STATES.search(text, span.start, span.end) is None


def _without_order(condition: str) -> str:
    """The condition of `If not configured, guide the user through it:`, without what is to be done then."""
    for end in re.finditer(r",\s+(?:then\s+)?|\s+then\s+", condition):
        if is_order(condition[end.end() :]):
            return condition[: end.start()].strip('"')
    return condition.strip('"')


def dangling_anaphor(context: Context) -> Iterator[Found]:
    """Outcome words that do not stand right below what they speak of."""
    for _, container in context.logic():
        for problem in container.reading.problems:
            if problem.code in ("misplaced-outcome", "dangling-anaphor"):
                yield Found(problem.span, {"problem": problem.message})


_DELEGATION_ENDS = regex(r"\b(?:WAIT|VERIFY|PROCESS|VALIDATE|VALIDATION|OUTPUT|STORE|RESULT)\b", re.IGNORECASE)


def open_delegation(context: Context) -> Iterator[Found]:
    """Work that is handed to a subagent, and nobody waits for it or looks at what comes back."""
    for step in context.steps:
        for delegate in step.delegations:
            if delegate.request is None or delegate.wait or delegate.verify or delegate.process:
                continue
            # Other lines that ask for work (`<action>`) are done by the agent itself, and a request that is not in
            # quotes is as often one to the user.
            if not re.search(r"\bREQUEST:\s*\"", context.document.text(delegate.span)):
                continue
            rest = context.document.text(Span(delegate.span.start, max(step.span.end, delegate.span.end)))
            if not _DELEGATION_ENDS.search(rest):
                place = context.file.first_line(delegate.span)
                subagent = re.sub(r"^use\s+(?:the\s+)?", "", delegate.subagent, flags=re.IGNORECASE)
                yield Found(place, {"subagent": subagent, "step": step_label(step)})


def unknown_directive(context: Context) -> Iterator[Found]:
    """Lines of a logic block that look like a directive which the language does not have, or does not spell so.

    And lines with others indented below them that can belong to nothing.
    """
    from peerlint.process.logic import misspelt_word

    for _, container in context.logic():
        if not (isinstance(container.node, Element) and container.node.name.endswith("_logic")):
            continue
        yield from _indented_wrongly(context, container)
        for problem in container.reading.problems:
            line = context.document.text(problem.span).strip()
            word = _DIRECTIVE.match(line) if problem.message.endswith("is no directive") else None
            slip = misspelt_word(line)
            if problem.code == "unknown-form" and (word or slip):
                meant = f", did you mean {slip[1]}?" if slip else ""
                unknown = slip[0] if slip else word[1] if word else ""
                yield Found(
                    context.file.first_line(problem.span),
                    {"problem": f"{unknown} is no word of the logic language{meant}"},
                )


def _indented_wrongly(context: Context, container: LogicContainer) -> Iterator[Found]:
    """A line that stands wrong to those above and to those below is one slip; a comment may stand where it likes."""
    problems = [problem for problem in container.reading.problems if problem.code == "indentation"]
    found = {context.file.first_line(problem.span): problem.message for problem in reversed(problems)}
    if not found:
        return
    roles = context.reading.roles
    elsewhere = Places(node.span for node in context.document.leaves() if not context.looks_at(roles.of(node)))
    yield from (Found(span, {"problem": said}) for span, said in found.items() if not elsewhere.overlap(span))


_DIRECTIVE = regex(r"^([A-Z][A-Z_ ]{2,30}):(?:\s|$)")
_CHECKPOINT = regex(
    r"\b(?:verif|validat|check|confirm|ensur|review|inspect|assert|test)\w*|\bif\b|\bonce\b|\bmust (?:be|exist|have)\b",
    re.IGNORECASE,
)


def missing_checkpoint(context: Context) -> Iterator[Found]:
    """A delegated step right behind a delegated step, and between them nobody looks at what the first one made."""
    for first, second in pairwise(context.steps):
        if not (first.subagent and second.subagent) or first.node is None or second.node is None:
            continue
        if any(delegate.verify for delegate in first.delegations):
            continue
        between = context.document.text(Span(first.span.start, first.span.end)).partition("\n")[2]
        head = context.document.text(second.span)[:400]
        if not _CHECKPOINT.search(between) and not _CHECKPOINT.search(head):
            start = second.span.start
            line = context.document.text(second.span).split("\n", 1)[0].rstrip()
            values = {"step": step_label(second), "first": step_label(first)}
            yield Found(Span(start, start + len(line)), values)


DETECTORS = (unbound_condition, dangling_anaphor, open_delegation, unknown_directive, missing_checkpoint)

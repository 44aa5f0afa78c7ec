"""PL4: jumps between steps. It loads neither shell nor logic: many files have steps and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from peerlint.lint.context import Context, Found
from peerlint.patterns import latin_set, regex
from peerlint.source.document import Element, Heading, Line, ListItem
from peerlint.source.text import Span

_OTHER_FILE = regex(r"\.mdc?\b|@|\bof\s+(?:the\s+)?[`\"]?[\w-]+(?:\.md|\s+(?:file|instruction|workflow))", re.I)
_NUMBER_IN_TEXT = regex(r"\b(\d+(?:\.\d+)*[a-z]?)\b")


def missing_step(context: Context) -> Iterator[Found]:
    """Jumps to steps that the file does not have; a line that names another file speaks of that one."""
    text = context.file.source.text
    numbered = (step.start() - 1 for pattern in _NUMBERED_STEPS for step in pattern.finditer(text))
    if "<goto" not in text and not any(_may_jump(text, step) for step in numbered):
        return
    steps = [step for step in context.steps if step.node is not None]
    if len(steps) < 2:
        return
    known = {_normal(step.number) for step in steps} | _numbers_in_headings(context)
    for span, target, in_sentence in sorted(_jumps(context)):
        line = _line_at(context, span)
        if in_sentence and _normal(target) in _numbers_of_items(context):
            continue
        if _normal(target) in known or _OTHER_FILE.search(context.document.text(line)):
            continue
        at = context.document.source.text.find(target, span.start, line.end)
        place = Span(at, at + len(target)) if at >= 0 else span
        yield Found(place, {"target": target, "steps": _listed([step.number for step in steps])})


def _listed(numbers: Sequence[str]) -> str:
    """The numbers of steps in words: `1 to 4` where none is missing between, else each, or the ends of many."""
    counted = [str(int(numbers[0]) + at) for at in range(len(numbers))] if numbers[0].isdecimal() else []
    if list(numbers) != counted and len(numbers) <= _MOST_LISTED:
        return f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    return f"{numbers[0]} to {numbers[-1]}"


_MOST_LISTED = 8
#: What every jump ends with, without its first letter: quick to look for, since they begin with a literal.
_NUMBERED_STEPS = (regex(r"tep\s+\d"), regex(r"TEP\s+\d"))
_ORDERS = ("PROCEED", "SKIP", "GOTO", "GO", "JUMP", "CONTINUE", "RETURN", "RESUME")
_BEFORE_STEP = (*_ORDERS, "BACK", "AHEAD", "STRAIGHT", "DIRECTLY", "IMMEDIATELY")
_LINKS = ("to", "from", "at", "with", "TO", "FROM", "AT", "WITH")
_JUMP = regex(
    rf"\b(?:{'|'.join(_ORDERS)})\s+(?:(?:{'|'.join(_LINKS)})\s+)?(?:[Ss]tep|STEP)\s+(?P<target>\d+(?:\.\d+)*[a-z]?)\b"
)
#: A jump as sentences have it. What stands behind the number may say of what it is a step ("of the review skill", "in
#: their manual"), so the sentence or clause has to end there.
_ORDERS_IN_SENTENCES = ("proceed", "skip", "goto", "go", "jump", "continue", "return", "resume", "back", "ahead")
_SENTENCE_JUMP = regex(
    rf"\b(?:{'|'.join(_ORDERS_IN_SENTENCES)})\s+(?:(?:straight|directly|immediately)\s+)?"
    rf"(?:to|from|at|with)\s+step\s+(?P<target>\d+(?:\.\d+)*{latin_set('a-z')}?)\b"
    r"(?:\*{1,2}|`)?(?=[.;,]?\s*$|[.;,]\s)",
    re.IGNORECASE | re.MULTILINE,
)
#: How much of the text before a numbered step is looked at.
_NEAR = 80


def _may_jump(text: str, end: int) -> bool:
    """Whether the words that end there order to go to the step that follows."""
    start = max(0, end - _NEAR)
    words = text[start : max(0, end)].split()
    if len(words) < 3 and start > 0:
        # The blanks between them may be many.
        return True
    order = words[-2:-1] if words and words[-1] in _LINKS else words[-1:]
    return bool(order) and order[0].upper().endswith(_BEFORE_STEP)


def _jumps(context: Context) -> Iterator[tuple[Span, str, bool]]:
    """Each jump to a numbered step, in logic or in sentences, and each `<goto step>`; whether in a sentence only."""
    for line in context.nodes(Line):
        text = context.document.text(line.span)
        loud = {match.start("target"): match["target"] for match in _JUMP.finditer(text)}
        said = {match.start("target"): match["target"] for match in _SENTENCE_JUMP.finditer(text)}
        for at, target in (said | loud).items():
            start = line.span.start + at
            yield Span(start, start + len(target)), target, at not in loud
    for element in context.nodes(Element):
        assert isinstance(element, Element)
        step_attribute = element.attributes.get("step") if element.name == "goto" else None
        if step_attribute is not None and _NUMBER_IN_TEXT.fullmatch(step_attribute.value.strip()):
            yield step_attribute.span, step_attribute.value.strip(), False


def _numbers_of_items(context: Context) -> set[str]:
    """Numbers that a sentence may call steps: of items, and of words in bold that begin a line (`**Step 1a:**`)."""
    items = [node.marker.rstrip(".)") for node in context.file.nodes if isinstance(node, ListItem)]
    return {_normal(number) for number in (*items, *_BOLD_STEP.findall(context.file.source.text))}


_BOLD_STEP = regex(rf"^[ \t>*_#-]{{0,12}}step[ \t]+(\d+(?:\.\d+)*{latin_set('a-z')}?)\b", re.IGNORECASE | re.MULTILINE)


def _numbers_in_headings(context: Context) -> set[str]:
    """Numbers that headings and numbered items give to their parts: sub-steps that are no step of their own."""
    titles = [node.title for node in context.file.nodes if isinstance(node, Heading)]
    items = [node.marker for node in context.file.nodes if isinstance(node, ListItem)]
    nested = [
        attribute.value
        for node in context.file.nodes
        if isinstance(node, Element)
        for name, attribute in node.attributes.items()
        if name in ("number", "n", "id")
    ]
    dotted = [match for text in titles for match in _NUMBER_IN_TEXT.findall(text)]
    return {_normal(number) for number in dotted + nested} | {_normal(i.rstrip(".)")) for i in items if "." in i[:-1]}


def _normal(number: str) -> str:
    return number.strip().lower().lstrip("0") or "0"


def _line_at(context: Context, span: Span) -> Span:
    lines = context.document.source.lines
    return lines.row_span(lines.position(span.start).row)


DETECTORS = (missing_step,)

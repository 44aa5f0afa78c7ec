"""PL5: tags, numbers and front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, step_label, words
from peerlint.lint.detect.plain_yaml import is_plain_mapping
from peerlint.patterns import latin_set, regex
from peerlint.process.build import StepReading
from peerlint.process.build.hints import fences_close, lines_of, outside_of_fences
from peerlint.source.document import Element, Fence, Heading, Section
from peerlint.source.text import Span

_TAG_PROBLEMS = frozenset({"unclosed-tag", "misplaced-closing-tag", "stray-closing-tag"})


def unbalanced_tag(context: Context) -> Iterator[Found]:
    """Tags without their partner."""
    if not _may_have_instruction_tag(outside_of_fences(context.file.source.text)):
        return
    if not context.document.has_lone_tags:
        return
    problems = [problem for problem in context.document.problems if problem.code in _TAG_PROBLEMS]
    in_fences = _names_in_fences(context) if problems else set()
    for problem in problems:
        if _is_instruction_tag(context, problem.span, in_fences):
            message = problem.message
            related = () if problem.related is None else (context.file.related(problem.related, "it was opened here"),)
            closed = _closed_before(context, problem.span) if problem.code == "stray-closing-tag" else None
            if closed is not None:
                related = (context.file.related(closed, "it was closed here"),)
                row = context.document.source.lines.position(closed.start).row
                message += f": line {row} has closed it already"
            yield Found(problem.span, {"problem": message}, related=related)


def _closed_before(context: Context, stray: Span) -> Span | None:
    """The closing tag of the same name above, where no opening one stands between them."""
    text = context.document.source.text
    tag = context.document.text(stray).strip()
    at = text.rfind(tag, 0, stray.start)
    opening = f"<{tag[2:-1].strip()}"
    return None if at < 0 or opening in text[at + 1 : stray.start] else Span(at, at + len(tag))


def _may_have_instruction_tag(text: str) -> bool:
    """Whether a tag may begin or end a line where one can stand, told without reading the file.

    A tag opens at the beginning of a line or right behind another one; in the text of a line it is only closed.
    """
    if _TAG_BEGINS_LINE.search(lines_of(text)) or _TAG_BEHIND_COMMENT.search(text):
        return True
    for end in _TAG_ENDS_LINE.finditer(text):
        start = text.rfind("\n", 0, end.start()) + 1
        if text.find("</", text.rfind("\r", start, end.start()) + 1 or start, end.start()) >= 0:
            return True
    return False


_TAG_BEGINS_LINE = regex(r"\n[^\S\r\n]*+(?:(?:[-*+]|\d{1,9}+[.)])[^\S\r\n]++)?+</?[^\W\d]")
_TAG_ENDS_LINE = regex(r">[^\S\r\n]*(?:[\r\n]|\Z)")
_TAG_BEHIND_COMMENT = regex(r"-->[^\S\r\n]*</?[^\W\d]")


def _is_instruction_tag(context: Context, span: Span, in_fences: set[str]) -> bool:
    """Whether the tag stands at the beginning of its line: tags in running text are mostly mentioned, not used."""
    row = context.document.source.lines.row_span(context.document.source.lines.position(span.start).row)
    line = context.document.text(row)
    before = line[: span.start - row.start]
    if before.strip() and not line.rstrip().endswith(context.document.text(span).strip()):
        return False
    name = re.match(r"</?([\w.:-]+)", context.document.text(span).lstrip())
    return name is not None and name[1].lower() not in _VOID and name[1] not in in_fences


_VOID = words("area base br col embed hr img input link meta param source track wbr")


def _names_in_fences(context: Context) -> set[str]:
    """Tags that stand in fences: the partner of a tag may be among them where fences are nested wrongly."""
    text = "\n".join(context.document.text(node.content) for node in context.file.nodes if isinstance(node, Fence))
    return set(re.findall(r"</?([A-Za-z][\w.:-]*)", text))


#: What to do about a fence, by the code of the problem.
_FENCE_ADVICE = {
    "unclosed-fence": "Close it; where a line above has one mark too many, take that away.",
    "nested-fence": "Give the outer fence one mark more, or close it before this one opens.",
}


def broken_fence(context: Context) -> Iterator[Found]:
    """Fences that nothing closes, and fences that end where one inside of them does."""
    if fences_close(context.file.source.text):
        return
    for problem in context.document.problems:
        todo = _FENCE_ADVICE.get(problem.code)
        if todo is not None:
            outer = problem.related
            related = () if outer is None else (context.file.related(outer, "the outer fence opens here"),)
            message = problem.message
            if outer is not None:
                # What looks like an outer fence may be one that was to close, of a pair further up.
                row = context.document.source.lines.position(outer.start).row
                message = (
                    f"this fence stands in the one that line {row} opens: from there or above, marks do not pair up"
                )
            yield Found(problem.span, {"problem": message}, help=todo, related=related)


def step_number(context: Context) -> Iterator[Found]:
    """Steps whose number was there before, or leaves a gap; each flow is counted by itself."""
    for flow in _flows(context):
        seen: dict[str, StepReading] = {}
        previous: int | None = None
        for step in flow:
            whole = re.fullmatch(r"0*(\d+)", step.number)
            place = _number_span(context, step)
            if step.number in seen:
                first = context.file.related(_number_span(context, seen[step.number]), "the first one is here")
                text = f"step number {step.number} is used twice in one flow"
                yield Found(place, {"problem": text}, related=(first,))
            elif whole and previous is not None and int(whole[1]) > previous + 1 and not _is_hidden(context, step):
                missing = range(previous + 1, int(whole[1]))
                later = {other.number.lstrip("0") for other in flow if other.span.start > step.span.start}
                if all(str(number) in later for number in missing):
                    text = f"step {step.number} stands right behind step {previous}, before the steps between them"
                else:
                    one = "one is" if len(missing) == 1 else f"{len(missing)} are"
                    text = f"step {step.number} follows step {previous}, {one} missing between"
                yield Found(place, {"problem": text})
            seen.setdefault(step.number, step)
            if whole:
                previous = int(whole[1])


def _is_hidden(context: Context, step: StepReading) -> bool:
    """Whether the step before stands in the text all the same: a fence that is closed too early has swallowed it."""
    before = context.file.source.text[: step.span.start]
    return re.search(rf"^\s*<step\b[^>]*\b(?:number|n)=[\"']?{int(step.number) - 1}\b", before, re.M) is not None


def _flows(context: Context) -> list[list[StepReading]]:
    """The steps by what holds them; a step that begins again at 1 or 0 begins a flow of its own."""
    flows: dict[int, list[list[StepReading]]] = {}
    for step in context.steps:
        if not isinstance(step.node, Element):
            continue
        siblings = flows.setdefault(id(step.node.parent), [[]])
        if siblings[-1] and step.number in ("0", "1") and siblings[-1][-1].number not in ("0",):
            siblings.append([])
        siblings[-1].append(step)
    return [flow for siblings in flows.values() for flow in siblings]


def _number_span(context: Context, step: StepReading) -> Span:
    assert isinstance(step.node, Element)
    attribute = step.node.attributes.get("number") or step.node.attributes.get("n")
    if attribute is not None:
        return attribute.span
    return step.node.opening.span if step.node.opening is not None else step.span


_STEP_HEADING = regex(rf"^(?:\W*)step\s+(\d+(?:\.\d+)?{latin_set('a-z')}?)\b", re.IGNORECASE)


def heading_number(context: Context) -> Iterator[Found]:
    """A heading in a step that gives it another number than its tag."""
    for step in context.steps:
        if not isinstance(step.node, Element):
            continue
        heading = next((node for node in _inside(step.node) if isinstance(node, Heading)), None)
        match = _STEP_HEADING.match(heading.title.strip("*_ ")) if heading is not None else None
        if match and heading is not None and match[1].lower() != step.number.lower():
            related = (context.file.related(_number_span(context, step), "the tag is here"),)
            values = {"heading": match[1], "number": step.number}
            text = context.document.text(heading.span).rstrip()
            yield Found(Span(heading.span.start, heading.span.start + len(text)), values, related=related)


def _inside(node: Element) -> Iterator[object]:
    """The nodes right below the tag, through sections."""
    stack = list(reversed(node.children))
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Section):
            stack.extend(reversed(current.children))


def invalid_front_matter(context: Context) -> Iterator[Found]:
    """Front matter that is no YAML mapping."""
    front_matter = context.document.front_matter
    if front_matter is None:
        return
    problem = _yaml_problem(context.document.text(front_matter.content))
    if problem is not None:
        row, column, text = problem
        lines = context.document.source.lines
        first = lines.position(front_matter.content.start).row
        span = lines.row_span(min(first + row, lines.rows))
        line = context.document.text(span)
        start = span.start + len(line) - len(line.lstrip())
        end = max(start, span.start + len(line.rstrip()))
        # A description may be long: where the reader stumbled is the sign itself, to the end of its word.
        if text == _COLON and start < span.start + column < end:
            start = span.start + column
            end = start + 1
        from peerlint.lint.rules.load import in_plain_words

        yield Found(Span(start, end), {"problem": in_plain_words(text)})


_COLON = "mapping values are not allowed here"


def _yaml_problem(text: str) -> tuple[int, int, str] | None:
    """Row and column from 0 and what is wrong there; None for a mapping or nothing.

    Plain `key: value` lines need no parser.
    """
    if any(key in text for key in _LENIENT_KEYS):
        text = _LENIENT_KEY.sub(r"\1 lenient", text)
    if all(_PLAIN_LINE.match(line) for line in text.splitlines()) or is_plain_mapping(text):
        return None
    if len(text) > _LONGEST_YAML:
        return 0, 0, f"it is longer than {_LONGEST_YAML:,} characters"
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    from peerlint.safe_yaml import load_yaml

    try:
        loaded = load_yaml(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not valid YAML"
        return (mark.line if mark else 0), (mark.column if mark else 0), problem
    except YAMLError as error:
        return 0, 0, str(error).splitlines()[0] if str(error) else "not valid YAML"
    except RecursionError:
        return 0, 0, "it is nested too deeply"
    return None if loaded is None or isinstance(loaded, dict) else (0, 0, "it is no mapping of keys to values")


#: More front matter than anybody writes: to read it as YAML would take longer than all else.
_LONGEST_YAML = 50_000
#: Keys that the harnesses read as plain text, whatever stands there.
_LENIENT_KEYS = ("argument-hint:", "globs:")
_LENIENT_KEY = regex(rf"^({'|'.join(_LENIENT_KEYS)})[ \t]*\S.*$", re.MULTILINE)
_PLAIN_LINE = regex(r"^(?:[\w-]+:(?: +[\w./(][^:#\"'\[\]{}&*!|>%@`]*)?|\s*|#.*)$")


def step_name(context: Context) -> Iterator[Found]:
    """Two steps of one name in a flow: a jump by name is ambiguous."""
    for flow in _flows(context):
        seen: dict[str, StepReading] = {}
        for step in flow:
            if step.name is None or not isinstance(step.node, Element):
                continue
            attribute = step.node.attributes.get("name")
            if attribute is not None and step.name in seen:
                first = seen[step.name]
                related = (context.file.related(_number_span(context, first), "the first one is here"),)
                yield Found(attribute.span, {"name": step.name, "first": step_label(first)}, related=related)
            seen.setdefault(step.name, step)


DETECTORS = (unbalanced_tag, broken_fence, step_number, heading_number, invalid_front_matter, step_name)

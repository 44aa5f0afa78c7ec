"""Where a text may state shell calls, told without reading it: most texts state none, and need not be read for that.

What is told here may be too much, never too little; tests hold it against what `build` reads. Patterns begin with a
literal wherever that can be, since only then the search for them is quick.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from peerlint.patterns import ends, latin_set, regex
from peerlint.process.build.shell import (
    SCRIPT_PLACEHOLDER,
    SHELL_LANGUAGES,
    called_across_lines,
    called_by_line,
    called_in_prose,
    is_shell_line,
    may_end_script,
    script_references,
)
from peerlint.process.roles.orders import is_run_of_script, orders_steps, tells_to_run_script
from peerlint.process.roles.signs import Role, heading_sign, is_step_heading, tag_sign
from peerlint.records import dataclass
from peerlint.source.document import SHORTEST_MARK
from peerlint.source.document.lines import heading, underline_level
from peerlint.source.kinds import FileKind

#: What a command begins with that the harness runs before the agent reads the file.
INLINE_CALL = "!`"
#: Lines with marks of fences that are looked at; where there are more, all of the text may be shell. Keeps it linear.
MAX_FENCE_LINES = 400

_MARKS = {"```": regex(r"(```+)([^\n]*)"), "~~~": regex(r"(~~~+)([^\n]*)")}
_SHELL_INFO = regex(rf"\s*\{{?\.?(?:{'|'.join(sorted(SHELL_LANGUAGES))})(?![\w+#.-])", re.IGNORECASE)
_BEFORE_FENCE = regex(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?")
#: Line ends that Python knows and the document does not.
_OTHER_LINE_ENDS = ("\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
#: A tag as far as its line goes. One that does not end there may turn out to be text, which goes over lines then.
_TAG_BEGINS = regex(r"<[^\W\d][^>\n]*+")
_PROMPT = regex(r"^[^\S\n]*\$ ", re.MULTILINE)
_CALL_WORDS = ("SCRIPT", "BASH", "SHELL", " USING", " using")
_COLON = regex(r"\s*:")
_BASH_TOOL = regex(r"bash[`*]*\s+tool")
#: The same where each byte beyond ASCII may be part of a space.
_MAY_BE_BASH_TOOL = regex(r"bash[^a-z]+tool")
_RUN_WORD = regex(r"run|execut|invok|call|launch|kick|use|start|trigger| of |with|using|via|:", re.IGNORECASE)
_BARE_CALL = regex(r"(?:^|>)\W*(?:(?:bash|sh|zsh|python3?|node)\s|[\w{}-]*/)")
_LIST_MARKER = regex(r"(?:[-*+]|\d{1,9}[.)])[ \t]+")
#: What shell without a fence begins with, where that is enough, and where something else of shell has to follow. Each
#: alternative tells by its first letter, or class of letters, that it is not meant: a third of the time otherwise. What
#: is repeated gives nothing back (`*+`, `++`), as no other way to match is left then.
_TEST = r"\b(?:[^\S\n]*!)?[^\S\n]*(?:\[|test\s|command\s)"
#: What may stand in front of it: a list marker.
_MARKER = r"[^\S\n]*+(?:[-*+][^\S\n]++|\d++[.)][^\S\n]++)?+"
_HYBRID = rf"IF{_TEST}|ELSE[^\S\n]+IF{_TEST}|ELIF{_TEST}"
_SHELL = r"""
    [A-Z_]++=
  | (?=[deft])(?:then|else|fi|done|esac)[^\S\n]*(?:[;\n<]|\Z)
  | (?:exit|sleep)\s+\d
  | echo\s+["']
  | printf\s+["']
  | (?=[A-Za-z_]\w*+=
      |(?=[a-z;\[])(?:
         (?:export|local|readonly)\s+[A-Za-z_]\w*+=
        |(?:el)?if\s
        |(?:do|;;)[^\S\n]*(?:[;\n<]|\Z)
        |\[\[?\s
        |(?:for|while|until|case|echo|printf|cat|mkdir|rm|cp|mv|touch|grep|sed|awk|jq|curl|git|exit|return|set|cd
           |source|nats)\s
       )
    )"""
_BARE = rf"{_MARKER}(?=[A-Za-z_\[;])(?:{_HYBRID}|{_SHELL}"
_PROOF = r"[^\n]*?(?:\$[({A-Za-z_]|\|\||&&|;\s*(?:then|do)\b|>\s*/|\bnats\ kv\b)"
_BARE_LINE = regex(rf"\n{_BARE}{_PROOF})", re.VERBOSE)
#: The end of a tag. A line begins with one only where that goes over lines; else it is a quotation.
_TAG_END = r">(?:(?<=[^\s>]>)|(?<=[^\s>][\ \t]>)|(?<=[\ \t][\ \t]>))"
#: Of what follows a tag only the beginning is looked at: many tags may stand in one long line.
_BARE_BEHIND_TAG = regex(rf"{_TAG_END}{_BARE})", re.VERBOSE)
#: What few texts have and that needs: quick to compile.
_WORD_BEHIND_TAG = regex(rf"{_TAG_END}{_MARKER}[A-Za-z_\[;]")
_BARE_BEHIND_LONG_TAG = regex(rf">{_BARE})", re.VERBOSE)


#: Directives that make a run of lines logic, even where no condition stands among them.
LOGIC_WORDS = frozenset(
    {"CHECK", "ERROR", "PROVIDE", "DISPLAY", "WARN", "STOP", "SET", "ASK", "PROCEED", "SKIP", "RESUME"}
)
#: Elements that are logic by their name: the dialect of attributes.
LOGIC_TAGS = frozenset({"check", "action", "goto", "ask", "on_failure"})
_LOGIC_TAG = regex(rf"<(?:{'|'.join(sorted(LOGIC_TAGS))})")
_LOGIC = rf"(?=[A-Z]{{2}})(?:IF|ELSE|ELIF|{'|'.join(sorted(LOGIC_WORDS))})"
_LOGIC_WORD = r"[ \t]*+(?:(?:[-*+]|\d{1,9}+[.)])[ \t]++)?+" + _LOGIC
#: Where a line or what stands behind a tag begins with logic. Each begins with a character that is searched for fast.
_LOGIC_LINE, _LOGIC_BEHIND_TAG = regex(rf"\n{_LOGIC_WORD}"), regex(f">{_LOGIC_WORD}")
#: The one or the other, asked for first: most texts have neither, and to look at each line takes longest.
_STATEMENT_LINE = regex(rf"\n{_MARKER}(?=[A-Za-z_\[;])(?:{_LOGIC}|{_SHELL}{_PROOF})", re.VERBOSE)
#: The head of a condition in a sentence; it is logic where a call stands below.
_PROSE_HEAD = regex(r"(?:If|When|Unless)[^:\r\n]{1,125}:\**[^\S\r\n]*(?:[<\r\n]|\Z)")


def may_state_logic(text: str, shell: str) -> bool:
    """Whether a text may state logic, told without reading it; `shell` is what `possible_shell` says of it."""
    return _shows_logic(text) or (
        _may_tell_call(text, shell) and _PROSE_HEAD.search(outside_of_fences(text)) is not None
    )


def _may_tell_call(text: str, shell: str) -> bool:
    """Whether a line, and not only a fence, may call something."""
    return shell == text or bool(_said(text))


def _shows_logic(text: str) -> bool:
    """Whether a text may state logic by itself, with no call in it."""
    if _logic_begins(text) >= 0:
        return True
    outside = outside_of_fences(text)
    if _may_hold_statement(outside) and _LOGIC_LINE.search(lines_of(outside)):
        return True
    return _LOGIC_BEHIND_TAG.search(outside) is not None


@lru_cache(maxsize=1)  # asked of the same text for shell and for logic
def _may_hold_statement(text: str) -> bool:
    """Whether a line may be bare shell or logic."""
    return _STATEMENT_LINE.search(lines_of(text)) is not None


@lru_cache(maxsize=1)  # asked of the same text by several hints
def lines_of(text: str) -> str:
    """The text with a line feed before each line, so that a pattern can begin with that, whatever ends the lines."""
    text = text.removeprefix("\ufeff")
    return "\n" + (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)


@lru_cache(maxsize=1)  # asked of the same text by several hints
def _logic_begins(text: str) -> int:
    """Where the first tag of logic may stand; -1 where there is none."""
    by_ending, by_name = text.find("_logic"), _LOGIC_TAG.search(text)
    if by_name is None or 0 <= by_ending < by_name.start():
        return by_ending
    return by_name.start()


def possible_shell(text: str) -> str:
    """The parts of a text that may be shell calls, one after the other; empty where there is certainly none."""
    if INLINE_CALL in text or may_stand_bare(text):
        return text
    said = _said(text)
    if said is None:
        return text
    return "\n".join([*said, _fenced_shell(text)]) if said else _fenced_shell(text)


def separate_calls(text: str) -> tuple[str, ...] | None:
    """The shell calls that a text may make, each by itself and in order; None where they cannot be told apart."""
    if INLINE_CALL in text or may_stand_bare(text) or _said(text) != ():
        return None
    fences = _certain_fences(text)
    if not fences.are_all or _logic_begins(text) >= 0:
        return None
    return tuple(_fenced_code(text, fences.pairs))


def may_order(text: str, path: str, kind: FileKind) -> bool:
    """Whether anything in a file may be an order to the agent, told without reading it.

    Files of some kinds are procedures; in others a heading, a tag or a sentence makes one of what stands below it.
    """
    if kind not in _OPEN_KINDS or _has_lone_carriage(text):
        return True
    outside = outside_of_fences(text)
    if _long_tags(outside):
        return True
    if _has_heading_of_procedure(outside) or _may_have_tag_of_procedure(outside):
        return True
    # A page of a skill is mostly one to look things up in: no sentence there is an order.
    is_page = kind is FileKind.SKILL and not path.lower().endswith("skill.md")
    return not is_page and (_may_have_sentence_of_procedure(outside) or _may_tell_fence(text))


_OPEN_KINDS = frozenset({FileKind.SKILL, FileKind.CURSOR_RULE, FileKind.MEMORY})
_HEADING = regex(r"\n[ \t]*(?=#)")
_UNDERLINE = regex(r"\n[ \t]*(?=(?:=+|-+)[ \t]*(?:\n|\Z))")
_TAG_NAME = regex(r"<([^\W\d][\w.:-]*)")
#: How a statement names an element whose content it means.
_NAMED_TAG = regex(r"(?:as in|see|per|using|RUN:)\s+<[a-z]")
#: How the name of a script ends that a sentence orders to be run.
_SCRIPT_FILE = regex(rf"\.(?:sh|bash|py|{latin_set('cm')}?js|{latin_set('cm')}?ts|ps1|rb|pl)\b", re.IGNORECASE)
#: How much is looked at of the code of a fence, and of what stands above it.
_BEGINNING, _LONGEST_LABEL = 400, 300
_WORD = regex(r"\w")


def _has_heading_of_procedure(text: str) -> bool:
    return any(_is_of_procedure(level, title) for level, title in _headings(lines_of(text)))


def _headings(text: str) -> Iterator[tuple[int, str]]:
    """The level and the title of what may be a heading in `lines_of` a text."""
    for found in _HEADING.finditer(text):
        title = heading(text, found.end(), _line_end(text, found.end()))
        if title is not None:
            yield title
    for found in _UNDERLINE.finditer(text):
        title_line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip(" \t")
        if title_line:
            yield underline_level(text[found.end() : _line_end(text, found.end())].rstrip(" \t")), title_line


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _is_of_procedure(level: int, title: str) -> bool:
    """Whether what stands below a heading is to be done; the title of a file only says what the file is about."""
    sign = heading_sign(title)
    return sign is not None and sign.role is Role.PROCEDURE and (level > 1 or is_step_heading(title))


def _may_have_tag_of_procedure(text: str) -> bool:
    if "<" not in text:
        return False
    signs = (tag_sign(name) for name in set(_TAG_NAME.findall(text)))
    return any(sign is not None and sign.role in _ORDERING for sign in signs) or _NAMED_TAG.search(text) is not None


_ORDERING = (Role.PROCEDURE, Role.REFERENCE)


def _may_have_sentence_of_procedure(text: str) -> bool:
    """Whether a line may order to follow steps, or to run a script."""
    if any(_may_be(orders_steps, line) for _, line in _lines_around(text, ends(text, "steps"))):
        return True
    scripts = (found.end() for found in _SCRIPT_FILE.finditer(text))
    return any(_may_be(is_run_of_script, line) for _, line in _lines_around(text, scripts))


def _may_be(order: Callable[[str], bool], line: str) -> bool:
    """Whether a line is such an order; one that a tag or a comment divides may be."""
    content = _content(line)
    return content.startswith("<") or any(mark in line for mark in ("</", "<!--", "-->")) or order(content)


def _may_tell_fence(text: str) -> bool:
    """Whether a sentence may tell to run the code of a fence: it ends in a colon, and the code calls a script."""
    return any(
        _ends_in_colon(text, line.start) and tells_to_run_script("Run:", text[line.end + 1 : line.end + 1 + _BEGINNING])
        for line in _fence_lines(text)
    )


def _ends_in_colon(text: str, end: int) -> bool:
    """Whether what stands before a place may be a label, with no words behind its colon but those of a comment."""
    before = text[max(0, end - _LONGEST_LABEL) : end]
    return "-->" in before or _WORD.search(before, before.rfind(":") + 1) is None


def may_name_script(text: str, shell: str) -> bool:
    """Whether a text may call a script; `shell` is what `possible_shell` says of it."""
    if shell == text:
        return next(may_end_script(text), None) is not None
    # Else it is said to run one, or all calls stand in fences, at the place of a command, maybe behind a prompt.
    return bool(_said(text)) or bool(script_references(_PROMPT.sub("", shell)))


@lru_cache(maxsize=1)  # asked of the same text twice in a row: whether it holds shell, and whether that is bare
def may_stand_bare(text: str) -> bool:
    """Whether shell may stand in a text without a fence, or be named by a directive."""
    if any(end in text for end in _OTHER_LINE_ENDS) or _has_lone_carriage(text):
        return True
    outside = outside_of_fences(text)
    if any(_names_shell(outside, end, word) for word in _CALL_WORDS for end in ends(outside, word)):
        return True
    if _may_hold_statement(outside) and _BARE_LINE.search(lines_of(outside)):
        return True
    if _WORD_BEHIND_TAG.search(outside) and _BARE_BEHIND_TAG.search(outside):
        return True
    return bool(_long_tags(outside)) and _BARE_BEHIND_LONG_TAG.search(outside) is not None


def _names_shell(text: str, end: int, word: str) -> bool:
    """Whether a word may end a directive that names shell: `SCRIPT:`, `STORE using:`, but not `made using:`."""
    is_word = word[0] != " " or text[end - len(word) - 1 : end - len(word)].isupper()
    return is_word and _COLON.match(text, end) is not None


def _has_lone_carriage(text: str) -> bool:
    """Whether a line ends in a carriage return alone. Most texts have none at all, which is told much faster."""
    return "\r" in text and text.count("\r") != text.count("\r\n")


@lru_cache(maxsize=1)  # asked of the same text by several hints
def outside_of_fences(text: str) -> str:
    """The text without what certainly stands in fences, where no line is read with those around it."""
    fences = _fences_before_logic(text)
    if not fences:
        return text
    parts = []
    reached = 0
    for opening, closing in fences:
        parts.append(text[reached : opening.end])
        reached = closing.start
    return "".join([*parts, text[reached:]])


def _fences_before_logic(text: str) -> list[_Fence]:
    """The fences of which it is certain where they end, but for those that an element of logic may hold.

    What stands in such an element is read as one text.
    """
    fences, logic = _certain_fences(text).pairs, _logic_begins(text)
    return fences if logic < 0 else [fence for fence in fences if fence[1].end <= logic]


@lru_cache(maxsize=1)
def _said(text: str) -> tuple[str, ...] | None:
    """The lines that may tell the agent to run a script; None where any text may, or may tell to use the Bash tool."""
    if SCRIPT_PLACEHOLDER in text or names_bash_tool(text):
        return None
    outside = outside_of_fences(text)
    if next(may_end_script(outside), None) is None:
        return ()
    if _long_tags(outside):
        return None
    may_tell = _may_name_call if _shows_logic(text) else _may_call
    scripts = (script.end() for script in may_end_script(outside))
    return tuple(line for before, line in _lines_around(outside, scripts) if may_tell(before, line))


@lru_cache(maxsize=1)  # asked of the same text by several hints
def names_bash_tool(text: str) -> bool:
    """Whether a text names the Bash tool."""
    # Characters beyond ASCII take long to be put in lower case, and only few texts name the tool.
    plain = text.encode("utf-8", "surrogatepass").lower().decode("latin-1")
    return _MAY_BE_BASH_TOOL.search(plain) is not None and _BASH_TOOL.search(text.lower()) is not None


def _lines_around(text: str, places: Iterable[int]) -> Iterator[tuple[str, str]]:
    """The lines that hold the places, each once, with the line before, where its sentence may have begun."""
    ends = -1
    for place in places:
        if place > ends:
            begins, ends = text.rfind("\n", 0, place) + 1, text.find("\n", place)
            ends = ends if ends >= 0 else len(text)
            yield text[text.rfind("\n", 0, max(0, begins - 1)) + 1 : begins], text[begins:ends]


def _may_name_call(before: str, line: str) -> bool:
    """Whether a line may tell to run a script, or be logic that names one to be run."""
    may_tell = _RUN_WORD.search(line) or _BARE_CALL.search(line) or "$(" in line
    return bool(may_tell or _RUN_WORD.search(before))


def _may_call(before: str, line: str) -> bool:
    """Whether a line may tell to run a script. One that no tag divides is asked as it is when the file is read."""
    if not _may_name_call(before, line):
        return False
    if any(mark in text for text in (before, line) for mark in "<>"):
        return True
    above, text = _content(before), _content(line)
    if called_in_prose(text) is not None or called_by_line(text) is not None or is_shell_line(text):
        return True
    return called_across_lines(above, text) is not None


def _content(line: str) -> str:
    """A line without the marker of a list."""
    text = line.removeprefix("\ufeff").strip()
    return text[marker.end() :].strip() if (marker := _LIST_MARKER.match(text)) else text


@dataclass(slots=True, eq=False)
class _FenceLine:
    """A line that may open or close a fence: what stands before the marks, the marks, and what follows them."""

    start: int
    end: int
    before: str
    marks: str
    info: str

    @property
    def may_open(self) -> bool:
        """Whether the line is one of a fence at all: its marks come first, and no inline code begins with them."""
        if self.before and _BEFORE_FENCE.fullmatch(self.before) is None:
            return False
        return "`" not in self.info or self.marks[0] != "`"

    def may_close(self, opening: _FenceLine) -> bool:
        """Whether it may end the fence, or open one inside of it, as far as its marks say."""
        return not self.before.strip(" \t") and self.marks.startswith(opening.marks)

    def closes(self, opening: _FenceLine) -> bool:
        """Whether it certainly ends the fence, whatever tab stops and list markers make of the columns."""
        indent = len(self.before) + 3 * self.before.count("\t")
        is_alone = not self.before.strip(" \t") and not self.info.strip(" \t\r")
        return is_alone and self.marks.startswith(opening.marks) and indent <= len(opening.before) + 3


def _fenced_shell(text: str) -> str:
    """What may stand in fences of shell."""
    fences = _fences_before_logic(text)
    reached = fences[-1][1].end if fences else 0
    return "".join([*_fenced_code(text, fences), _may_be_fenced_shell(text, reached)])


def _fenced_code(text: str, fences: list[_Fence]) -> Iterator[str]:
    """The code of those fences that hold shell."""
    return (text[opening.end : closing.start] for opening, closing in fences if _SHELL_INFO.match(opening.info))


def _may_be_fenced_shell(text: str, reached: int) -> str:
    """What may stand in fences behind a place: from each line that may open one to the first that must close it."""
    lines = [line for line in _fence_lines(text) if line.start >= reached]
    openings = [number for number, line in enumerate(lines) if _SHELL_INFO.match(line.info)]
    if openings and len(lines) > MAX_FENCE_LINES:
        return text[reached:]
    parts = []
    for number in openings:
        opening = lines[number]
        end = next((line.start for line in lines[number + 1 :] if line.closes(opening)), len(text))
        start = max(reached, opening.end)
        if start < end:
            parts.append(text[start:end])
            reached = end
    return "".join(parts)


def fences_close(text: str) -> bool:
    """Whether each line of fence marks certainly opens a fence or closes the one before; False where that is open.

    It is open, too, where a longer fence ends and a shorter one in it may not have ended.
    """
    fences = _certain_fences(text)
    return fences.are_all and fences.are_plain and not any(_may_leave_open(text, *pair) for pair in fences.pairs)


def _may_leave_open(text: str, opening: _FenceLine, closing: _FenceLine) -> bool:
    """Whether the last marks of a shorter fence in a longer one may open that."""
    mark = opening.marks[:SHORTEST_MARK]
    last = text.rfind(mark, opening.end, closing.start) if len(opening.marks) > SHORTEST_MARK else -1
    return last >= 0 and text[last + SHORTEST_MARK : last + SHORTEST_MARK + 1].isalpha()


_Fence = tuple[_FenceLine, _FenceLine]


@dataclass(slots=True, eq=False)
class _Fences:
    """The lines that open and close each fence, up to where that is certain: `are_all` says, to the end of the text.

    They `are_plain` where no line in a fence looks like the opening of another one.
    """

    pairs: list[_Fence]
    are_all: bool = True
    are_plain: bool = True


@lru_cache(maxsize=1)
def _certain_fences(text: str) -> _Fences:
    if "```" not in text and "~~~" not in text:
        return _Fences([])
    lines = [line for line in _fence_lines(text) if line.may_open]
    if lines and text.startswith(("---", "\ufeff---")) and "\n---" not in text[: lines[0].start]:
        return _Fences([], are_all=False)
    if _has_lone_carriage(text):
        return _Fences([], are_all=False)
    pairs: list[_Fence] = []
    are_plain, reached = True, 0
    following = iter(lines)
    for opening in following:
        inside = (line for line in following if line.may_close(opening))
        closing = next(inside, None)
        # What says more than its marks closes nothing.
        while closing is not None and closing.info.strip(" \t\r"):
            closing, are_plain = next(inside, None), False
        if closing is None or not closing.closes(opening) or _may_hide(text, reached, opening.start):
            return _Fences(pairs, are_all=False)
        pairs.append((opening, closing))
        reached = closing.end
    return _Fences(pairs, not _may_hide(text, reached, len(text)), are_plain)


@lru_cache(maxsize=2)  # asked of a text between each two fences, and of what stands outside of fences
def _long_tags(text: str) -> tuple[int, ...]:
    """Where tags begin that may go on in the next line; a line is looked at once, however many tags begin in it."""
    return tuple(tag.start() for tag in _TAG_BEGINS.finditer(text) if text.startswith("\n", tag.end()))


def _may_hide(text: str, start: int, end: int) -> bool:
    """Whether a comment or a tag that begins between two fences may go on in the next one."""
    comment = text.rfind("<!--", start, end)
    if comment >= 0 and text.find("-->", comment + 4, end) < 0:
        return True
    tags = _long_tags(text)
    first = bisect_left(tags, start)
    return first < len(tags) and tags[first] < end


@lru_cache(maxsize=1)  # asked of the same text twice in a row: which fences close, and which of them hold shell
def _fence_lines(text: str) -> tuple[_FenceLine, ...]:
    found = []
    for mark, marks in _MARKS.items():
        for match in marks.finditer(text) if mark in text else ():
            begin = match.start()
            start = text.rfind("\n", 0, begin) + 1
            before = text[start:begin].removeprefix("\ufeff")
            # Most stand at the beginning of their line.
            if not before or ("`" not in before and "~" not in before):
                found.append(_FenceLine(start, match.end(), before, match[1], match[2]))
    return tuple(sorted(found, key=lambda line: line.start))

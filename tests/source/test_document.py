"""What the tree says of the forms that instruction files have."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from peerlint.source.document import (
    Comment,
    ConditionLine,
    Directive,
    Document,
    Element,
    Fence,
    FrontMatter,
    Line,
    ListItem,
    Node,
    NodeKind,
    Paragraph,
    Section,
    Tag,
    parse,
)
from peerlint.source.text import LineIndex, SourceText
from tests.source.test_laws import check_tree


def read(text: str) -> Document:
    document = parse(SourceText("x.md", text))
    check_tree(document)
    return document


def outline(document: Document) -> list[str]:
    """Each node but blanks as `depth kind text`, for comparing whole trees at a glance."""
    lines = []
    for node in document.walk():
        depth, parent = 0, node.parent
        while parent is not None:
            depth, parent = depth + 1, parent.parent
        label = node.name if isinstance(node, Element) else node.title if isinstance(node, Section) else ""
        text = node.text if isinstance(node, Line) else label
        if node.kind is not NodeKind.BLANK:
            lines.append(f"{'  ' * depth}{node.kind.value} {text}".rstrip())
    return lines


N = TypeVar("N", bound=Node)


def all_of(document: Document, kind: type[N]) -> list[N]:
    return [node for node in document.walk() if isinstance(node, kind)]


def codes(document: Document) -> list[str]:
    return [problem.code for problem in document.problems]


def test_a_step_with_everything() -> None:
    document = read(
        '---\nname: x\n---\n# Title\n<step number="1" name="check">\n### Step 1\n- ACTION: Go\nIF server away:\n'
        "  STOP execution\n```bash\nls\n```\n</step>\nafter\n"
    )
    assert outline(document) == [
        "front_matter",
        "section Title",
        "  heading",
        "  element step",
        "    tag",
        "    section Step 1",
        "      heading",
        "      directive ACTION: Go",
        "      condition IF server away:",
        "      directive STOP execution",
        "      fence",
        "    tag",
        "  paragraph after",
    ]
    step = all_of(document, Element)[0]
    assert {name: attribute.value for name, attribute in step.attributes.items()} == {"number": "1", "name": "check"}
    assert document.problems == []


def test_front_matter_ends_at_its_fence_and_is_not_parsed() -> None:
    document = read("\ufeff---\r\nname: [unclosed\r\n---\r\nbody\r\n")
    matter = document.front_matter
    assert isinstance(matter, FrontMatter)
    assert document.text(matter.content) == "name: [unclosed\r\n"


def test_front_matter_that_never_ends_is_reported() -> None:
    assert codes(read("---\nname: x\n\ntext\n")) == ["unclosed-front-matter"]
    assert codes(read("---\n\ntext\n")) == []


@pytest.mark.parametrize(
    "line",
    [
        "neither --instruction=<name> nor --continue",
        "<name> is what the user typed",
        "<your feature name>",
        "wrap it in <plan> and </plan> tags",
        "`<step>` opens a step",
        "<https://example.com/>",
        "a < b and c > d",
        "CHECK: NATS server connectivity, as in <nats_health_command>",
        "| <cell> | x |",
    ],
)
def test_what_only_looks_like_a_tag_is_text(line: str) -> None:
    document = read(f"<plan>\n{line}\n</plan>\n")
    assert len(all_of(document, Tag)) == 2
    assert document.text(all_of(document, Line)[0].content) == line
    assert document.problems == []


def test_tags_in_fences_and_comments_are_text() -> None:
    document = read("```xml\n<step>\n```\n<!--\n<step>\n-->\n")
    assert all_of(document, Element) == []
    assert len(all_of(document, Comment)) == 1


def test_an_inline_element_behind_a_bullet() -> None:
    document = read('- <action if="a > b">do it</action>\n')
    (action,) = all_of(document, Element)
    assert action.attributes["if"].value == "a > b"
    assert document.text(action.content) == "do it"


def test_elements_that_follow_each_other_in_one_line() -> None:
    document = read("<item><name>a</name> <text>b</text></item>\n")
    assert [document.text(node.content) for node in all_of(document, Element)[1:]] == ["a", "b"]


def test_the_content_of_an_element_of_several_lines_is_whole_lines() -> None:
    document = read("  <x_logic>\n    STOP execution\n  </x_logic>\n")
    assert document.text(all_of(document, Element)[0].content) == "    STOP execution\n"


def test_a_closing_tag_may_end_a_line_of_text() -> None:
    document = read("<think>first\nsecond</think>\nafter\n")
    assert [node.text for node in all_of(document, Line)] == ["first", "second", "after"]
    assert document.problems == []


def test_a_tag_may_span_lines() -> None:
    document = read('<step\n  number="4b"\n  optional>\nx\n</step>\n')
    (step,) = all_of(document, Element)
    assert step.attributes["number"].value == "4b"
    assert step.attributes["optional"].value == ""
    assert document.source.slice(step.attributes["number"].span) == "4b"


def test_void_elements_and_optional_ends_are_no_problem() -> None:
    document = read("<br>\n<goto step='3'/>\n<p>\ntext\n<li>\n")
    assert [node.name for node in all_of(document, Element)] == ["br", "goto", "p", "li"]
    assert document.problems == []


def test_an_element_may_have_the_name_of_a_void_one() -> None:
    document = read("<input>\ntext\n</input>\n")
    (element,) = all_of(document, Element)
    assert document.text(element.content) == "text\n"
    assert document.problems == []


def test_an_unclosed_step_ends_where_the_next_begins() -> None:
    document = read("<flow>\n<step number='1'>\na\n<step number='2'>\nb\n</step>\n</flow>\n")
    flow, first, second = all_of(document, Element)
    assert first.parent is flow
    assert second.parent is flow
    assert first.closing is None
    (problem,) = document.problems
    assert (problem.code, document.text(problem.span)) == ("unclosed-tag", "<step number='1'>")


def test_an_unclosed_element_does_not_swallow_the_sections_behind_it() -> None:
    document = read("## A\n<x>\ntext\n## B\ntext\n")
    assert [node.parent for node in all_of(document, Section)] == [None, None]


def test_stray_and_misplaced_closing_tags() -> None:
    assert codes(read("text\n</step>\n")) == ["stray-closing-tag"]
    document = read("<a>\n<b>\n</a>\n</b>\n")
    (problem,) = document.problems
    assert problem.code == "misplaced-closing-tag"
    assert problem.related is not None
    assert document.text(problem.related) == "<b>"


def test_fences_close_with_at_least_their_own_length() -> None:
    document = read("````markdown\n```bash\nls\n```\n````\n~~~\n```\n~~~\n")
    first, second = all_of(document, Fence)
    assert (first.language, document.code(first)) == ("markdown", "```bash\nls\n```\n")
    assert document.code(second) == "```\n"


def test_a_fence_in_a_tag_loses_its_own_indentation_only() -> None:
    document = read("<x>\n    ```bash\n    if a; then\n      b\n    fi\n    ```\n</x>\n")
    (fence,) = all_of(document, Fence)
    assert document.code(fence) == "if a; then\n  b\nfi\n"
    assert fence.indent == 4


def test_an_unclosed_fence_ends_with_its_element() -> None:
    document = read("<x>\n```bash\nls\n</x>\n# After\n")
    (fence,) = all_of(document, Fence)
    assert document.code(fence) == "ls\n"
    assert codes(document) == ["unclosed-fence"]
    assert not fence.closed


def test_a_fence_in_a_fence_of_the_same_length_is_reported_and_nothing_that_follows_from_it() -> None:
    document = read("<z>\n````md\n```bash\nls\n```\n````\n```md\n```bash\nls\n```\n</x>\n```\n</y>\n")
    (problem,) = document.problems
    assert (problem.code, document.text(problem.span)) == ("nested-fence", "```bash")
    assert document.source.lines.position(problem.span.start).row == 8
    assert problem.related is not None
    assert document.text(problem.related) == "```md"


def test_an_unclosed_fence_without_element_runs_to_the_end() -> None:
    document = read("```bash\nls\n\n# a\n")
    assert outline(document) == ["fence"]


def test_the_info_string() -> None:
    (fence,) = all_of(read('```Bash title="x"\n```\n'), Fence)
    assert (fence.language, fence.info, fence.content.start) == ("bash", 'Bash title="x"', 18)


@pytest.mark.parametrize(
    ("line", "word", "payload"),
    [
        ("ACTION: Use it", "ACTION", "Use it"),
        ("  - KEY_PREFIX: a.b ", "KEY_PREFIX", "a.b"),
        ("STOP execution", "STOP", "execution"),
        ("PROCEED to step 3", "PROCEED", "to step 3"),
        ("RESUME", "RESUME", ""),
        ("SET A = b", "SET", "A = b"),
        ("FOR EACH X in LIST:", "FOR", "EACH X in LIST:"),
        ("IN FOLDER \"x\":", "IN FOLDER", '"x":'),
        ("1. WAIT: for the reply", "WAIT", "for the reply"),
    ],
)  # fmt: skip
def test_directives(line: str, word: str, payload: str) -> None:
    document = read(line + "\n")
    (node,) = all_of(document, Line)
    assert isinstance(node, Directive)
    assert (node.word, document.text(node.payload)) == (word, payload)


@pytest.mark.parametrize("line", ["Note: x", "STOPPED: no", "http://x", "A: b", "Stop it", "STOPS here", "IFFY: y"])
def test_prose_and_other_words(line: str) -> None:
    node = all_of(read(line + "\n"), Line)[0]
    assert not isinstance(node, ConditionLine)
    assert isinstance(node, Directive) == (line.split(":")[0] in ("STOPPED", "IFFY"))


@pytest.mark.parametrize(
    ("line", "word", "payload"),
    [
        ("IF server not responding:", "IF", "server not responding"),
        ("ELIF MODE is \"a: b\":", "ELSE IF", 'MODE is "a: b"'),
        ("ELSE IF x: STOP execution", "ELSE IF", "x"),
        ("ELSE:", "ELSE", ""),
        ("- IF found", "IF", "found"),
        ("IF time is 10:30:", "IF", "time is 10:30"),
    ],
)  # fmt: skip
def test_conditions(line: str, word: str, payload: str) -> None:
    document = read(line + "\n")
    (node,) = all_of(document, Line)
    assert isinstance(node, ConditionLine)
    assert (node.word, document.text(node.payload)) == (word, payload)


def test_lists_rules_and_paragraphs() -> None:
    document = read("- a\n  2) b\n---\n* * *\n+ c\ntext\n")
    assert [type(node) for node in all_of(document, Line)] == [
        ListItem, ListItem, Paragraph, Paragraph, ListItem, Paragraph,
    ]  # fmt: skip
    assert [node.marker for node in all_of(document, ListItem)] == ["-", "2)", "+"]


@pytest.mark.parametrize(
    "text",
    [
        "a\nb\n---\n",
        "- a\n---\n",
        "a <!-- c -->\n---\n",
        "<x>\na</x>\n---\n",
        "a\n\n---\n",
        "STOP a\n---\n",
    ],
)
def test_only_a_line_of_text_that_stands_alone_is_underlined(text: str) -> None:
    assert all_of(read("\n" + text), Section) == []


def test_underlined_headings() -> None:
    assert [(n.title, n.level) for n in all_of(read("Title\n===\n\nPart\n----\n"), Section)] == [
        ("Title", 1),
        ("Part", 2),
    ]
    assert all_of(read("- item\n---\n"), Section) == []


def test_shell_comments_in_an_element_are_no_headings() -> None:
    document = read("<read_operation>\n  # Read the state\n  STATE=$(nats kv get a b)\n</read_operation>\n")
    assert all_of(document, Section) == []


def test_a_comment_behind_text_is_a_leaf_of_its_own() -> None:
    document = read("STOP execution <!-- peerlint: ignore[PL101] known -->\n")
    assert [type(node) for node in document.leaves()] == [Directive, Comment]
    assert all_of(document, Directive)[0].text == "STOP execution"


def test_sections_nest_by_level_within_their_element() -> None:
    document = read("# A\n<x>\n## B\n# C\n</x>\ntext\n## D\n")
    assert [(n.title, n.parent and n.parent.kind.value) for n in all_of(document, Section)] == [
        ("A", None), ("B", "element"), ("C", "element"), ("D", "section"),
    ]  # fmt: skip


def test_ten_thousand_nested_tags() -> None:
    depth = 10_000
    text = "".join(f"<t{n}>\n" for n in range(depth)) + "".join(f"</t{n}>\n" for n in reversed(range(depth)))
    document = parse(SourceText("x.md", text))
    assert document.problems == []
    assert sum(1 for _ in document.leaves()) == 2 * depth


HOSTILE: dict[str, Callable[[int], str]] = {
    "one long line": lambda n: "x" * (n * 10),
    "open tags": lambda n: "<a>\n" * n,
    "open tags in one line": lambda n: "<a>" * n,
    "placeholders": lambda n: "<a b>\n" * n,
    "tags never finished": lambda n: "<a b\n" * n,
    "closing tags": lambda n: "</a>\n" * n,
    "elements in one line": lambda n: "<a>`x` y</a>" * (n // 2),
    "elements and text in one line": lambda n: "<b>" + "<a>x</a> ` and " * (n // 2),
    "backticks": lambda n: "<" + "".join("`" * (k % 50 + 1) + " </a> " for k in range(n // 4)),
    "fence openers": lambda n: "".join(f"<e{k}>\n````{'`' * (k % 9)}\n</e{k}>\n" for k in range(n // 3)),
    "carriage returns": lambda n: "a\r" * n,
    "comments never closed": lambda n: "<!-- a\n" * n,
    "headings in open tags": lambda n: "<a>\n# x\n" * (n // 2),
    "quotes": lambda n: '<a b="' * n,
    "spaces": lambda n: " " * (n * 5) + "x" + "\t" * n,
    "conditions": lambda n: 'IF "' * n,
    "mentions": lambda n: "x " + "<a </a> " * n,
}  # fmt: skip


@pytest.mark.parametrize("shape", HOSTILE)
def test_time_grows_linearly(shape: str) -> None:
    """Ten times the text takes about ten times as long; quadratic reading would take a hundred times."""

    def seconds(size: int) -> float:
        source = SourceText("x.md", HOSTILE[shape](size))
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            LineIndex(source.text)
            parse(source)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(20_000) <= 30 * seconds(2_000) + 0.05

"""Laws of reading: every text has a tree, and the tree has every character of it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.process.roles import roles_of
from peerlint.source.document import Document, Element, Fence, Line, parse
from peerlint.source.kinds import FileKind
from peerlint.source.text import LineIndex, SourceText

#: Pieces that reading has to tell apart, so that random texts are full of them.
PIECES = st.sampled_from(
    [
        "<step>", "</step>", '<step number="1" name="x">', "<a>", "</a>", "<b ", "c='d'", ">", "/>", "<br>",
        "<X>", "<p>", "</", "<!--", "-->", "<!-- c -->", "`", "``", "```", "````", "~~~", "~~~~", "```bash",
        "---", "...", "===", "# H", "## H", "- ", "1. ", "IF x:", "ELSE:", "STOP execution", "ACTION: do",
        "    ", "\t", "  ", "\n", "\n", "\n", "\r", "\r\n", "\ufeff", "\0", "\x0b", "\x85", "\u2028", "\udc80",
        "\udcff", "\ud800", "é", "𝕏", "text", " ", '"', "'", "=",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=200))


def check_tree(document: Document) -> None:
    """The children of each node tile its span, and know their parent."""
    text = document.source.text
    assert "".join(document.text(leaf.span) for leaf in document.leaves()) == text
    for node in document.walk():
        assert len(node.span) > 0
        if node.children:
            assert node.children[0].span.start == node.span.start
            assert node.children[-1].span.end == node.span.end
            for left, right in pairwise(node.children):
                assert left.span.end == right.span.start
            assert all(child.parent is node for child in node.children)
        if isinstance(node, Line):
            assert node.span.contains(node.content)
            assert document.text(node.content) == node.text
        if isinstance(node, Fence):
            assert node.span.contains(node.content)
        if isinstance(node, Element):
            assert node.span.contains(node.content)
            assert all(document.text(attribute.span) == attribute.value for attribute in node.attributes.values())


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text_is_the_text_of_its_leaves(text: str) -> None:
    document = parse(SourceText("x.md", text))
    check_tree(document)
    assert all(problem.span.end <= len(text) for problem in document.problems)


@given(st.binary(max_size=120))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_kept(data: bytes) -> None:
    source = SourceText.decode("x.md", data)
    check_tree(parse(source))
    assert source.encode() == data


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_every_node_of_any_text_has_a_role(text: str) -> None:
    document = parse(SourceText("x.md", text))
    roles = roles_of(document, FileKind.COMMAND)
    assert all(roles.reason(node) for node in document.walk())


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_line_index_agrees_with_a_plain_count(text: str) -> None:
    index = LineIndex(text)
    row, column = 1, 1
    for offset, character in enumerate(text):
        assert (index.position(offset).row, index.position(offset).column) == (row, column)
        assert index.offset(index.position(offset)) == offset
        ends = character == "\n" or (character == "\r" and text[offset + 1 : offset + 2] != "\n")
        row, column = (row + 1, 1) if ends else (row, column + 1)
    assert index.rows == row


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_utf8_columns_are_bytes_of_the_file(data: bytes) -> None:
    source = SourceText.decode("x.md", data)
    for offset in range(len(source.text) + 1):
        start = source.lines.starts[source.lines.position(offset).row - 1]
        assert source.lines.utf8_column(offset) == len(source.text[start:offset].encode("utf-8", "surrogateescape"))

"""Fences agree with CommonMark, but for differences that are meant; each of them is shown here."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from peerlint.source.document import Document, parse
from peerlint.source.text import SourceText
from tests.source.commonmark import Difference, code_rows, differences

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").rglob("*.md"))


def read(text: str) -> Document:
    return parse(SourceText("x.md", text))


@pytest.mark.parametrize(
    "text",
    [
        "text\n```bash\nls\n```\ntext\n",
        "````\n```\n````\n",
        "~~~\n```\n~~~\n",
        "```\nnever closed\n\n# x\n",
        "- item\n\n  ```bash\n  ls\n  ```\n",
        "1. item\n   ```bash\n   ls\n   ```\n2. item\n",
        "- ```bash\n  ls\n  ```\n",
        "```` `` ` ``\ntext\n",
        "``` not `code` ```\ntext\n",
        "```\n    ```\n```\n",
        "```bash\r\nls\r\n```\r\ntext\r\n",
        "<x>\n\n```bash\nls\n```\n\n</x>\n",
        "```markdown\n```bash\nls\n```\ntext\n```\n",
        "---\nname: x\n---\n```bash\nls\n```\n",
    ],
)
def test_the_same_lines_are_code(text: str) -> None:
    assert differences(read(text)) == Counter()


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("<x>\n```bash\nls\n```\n</x>\n", Difference.BEHIND_TAG),
        ("<x>\n\ntext\n\n  <y>\n\n  text\n    ```bash\n    ls\n    ```\n  </y>\n</x>\n", Difference.DEEP),
        ("1. item\n   ```bash\n   cat <<E\ntext\nE\n   ```\n", Difference.LEFT_ITEM),
        ("<x>\n\n```bash\nls\n\n</x>\n\ntext\n", Difference.ENDED_WITH_ELEMENT),
        ("> ```bash\n> ls\n> ```\n", Difference.QUOTED),
        ("text\n\n    ls -l\n", Difference.INDENTED),
    ],
)
def test_each_difference_that_is_meant(text: str, difference: Difference) -> None:
    assert difference in differences(read(text))


def test_no_fixture_differs_without_reason() -> None:
    assert FIXTURES
    for path in FIXTURES:
        document = parse(SourceText.decode(path.name, path.read_bytes()))
        assert Difference.UNEXPLAINED not in differences(document), path
    assert code_rows(read("```\nx\n```\n")) == 3

"""How fast reading is, that it is linear and loses nothing, and how its fences compare with CommonMark.

python -m benchmarks.reading            linear time, on texts that it makes
python -m benchmarks.reading FOLDER     and each Markdown file below FOLDER
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from peerlint.process.build import build
from peerlint.process.roles import roles_of
from peerlint.source.document import Document, Node, parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText
from tests.source.commonmark import Difference, code_rows, differences

SUFFIXES = (".md", ".mdc")
#: At most this many times as long for ten times the text.
LIMIT = 11.0

STEP = """<step number="{n}" name="step_{n}">

### Step {n}: Do it

- ACTION: Use `tool` to do it
IF server not responding:
  ERROR: "away" and <b>more</b>
  STOP execution
<list_command>
  ```bash
  nats kv ls --timeout=5s
  ```
</list_command>
Some text with <placeholder> and a [NAME] that goes on for a while, as prose does.

</step>
"""
#: Texts of a size. Those with another number have other names: what is remembered of one does not help with the next.
SHAPES: dict[str, Callable[[int, int], str]] = {
    "steps": lambda size, _: "".join(STEP.format(n=n) for n in range(size // len(STEP))),
    "one long line": lambda size, _: "word <tag> `code` " * (size // 18),
    "nested tags": lambda size, number: "".join(f"<t{number}.{n}>\n" for n in range(size // 21))
    + "".join(f"</t{number}.{n}>\n" for n in reversed(range(size // 21))),
    "unclosed tags": lambda size, _: "<a>\ntext\n" * (size // 9),
    "unclosed fences": lambda size, _: "<a>\n```sh\nls\n</a>\n" * (size // 18),
    "headings": lambda size, _: "# a\n\n## b\n\n" * (size // 11),
}  # fmt: skip


def tree(source: SourceText) -> object:
    """The tree of the text, which is made when it is asked for."""
    return parse(source).roots


def process(source: SourceText) -> object:
    """The tree, the roles and the steps with what they state."""
    document = parse(source)
    return build(document, kind_of(source.path, document)).process


#: What is measured.
READINGS: tuple[tuple[str, Callable[[SourceText], object]], ...] = (("tree", tree), ("process", process))
ROUNDS = 5


def seconds(read: Callable[[SourceText], object], texts: list[str]) -> float:
    """Seconds of processor time that reading takes; all that was read stays alive meanwhile.

    Without the garbage collector, whose passes over whatever else is alive are not part of reading.
    """
    sources = [SourceText(".claude/commands/x.md", text) for text in texts]
    gc.collect()
    gc.disable()
    start = time.process_time()
    kept = [read(source) for source in sources]
    took = time.process_time() - start
    del kept
    gc.enable()
    return took


def linear(small: int = 100_000) -> bool:
    """Print how much longer ten times the text takes, per shape of text; whether all are within the limit.

    The small text is read ten times over and a tenth of that counts: so both sides fill the same memory, and what is
    compared is the work, not how much of it the caches of the machine hold. They take turns, and the median of their
    ratios counts, so that what else the machine does falls on both.
    """
    within = True
    for name, make in SHAPES.items():
        for what, read in READINGS:
            ten_texts, large = [make(small, number) for number in range(1, 11)], [make(small * 10, 0)]
            pairs = [(seconds(read, ten_texts) / 10, seconds(read, large)) for _ in range(ROUNDS)]
            times = statistics.median(ten / once for once, ten in pairs)
            within = within and times <= LIMIT
            size = f"{small * 10 / 1_000_000:.0f} MB in {min(ten for _, ten in pairs):6.3f} s"
            print(f"{name:<16} {what:<8} {size}   10x text = {times:4.1f}x time", flush=True)
    return within


def measure(folder: Path) -> bool:
    """Read each file below a folder; whether nothing was lost and no difference lacks a reason."""
    sources = [
        SourceText.decode(path.relative_to(folder).as_posix(), path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.suffix in SUFFIXES and path.is_file()
    ]
    start = time.process_time()
    documents = [parse(source) for source in sources]
    assert all(document.roots or not document.source.text for document in documents)
    parsed = time.process_time()
    roles: Counter[str] = Counter()
    for document in documents:
        assigned = roles_of(document, kind_of(document.source.path, document))
        roles.update(assigned.of(node).value for node in document.walk())
    done = time.process_time()
    lost = [document.source.path for document in documents if not lossless(document)]
    size = sum(len(source.text) for source in sources) / 1e6
    print(
        f"{len(sources)} files, {size:.1f} million characters: tree {parsed - start:.1f} s, roles {done - parsed:.1f} s"
    )
    print(f"lossless: {len(sources) - len(lost)} of {len(sources)}", *lost[:10])
    kinds: Counter[str] = Counter(node.kind.value for document in documents for node in document.walk())
    problems: Counter[str] = Counter(problem.code for document in documents for problem in document.problems)
    for title, counts in (("nodes", kinds), ("roles", roles), ("problems", problems)):
        print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    found: Counter[Difference] = Counter()
    for document in documents:
        found += differences(document)
    rows = sum(map(code_rows, documents))
    print(f"lines of code: {rows}, of which {sum(found.values())} differ from CommonMark:")
    for difference, count in found.most_common():
        print(f"  {count:>6} {difference.value}")
    return not lost and not found[Difference.UNEXPLAINED]


def lossless(document: Document) -> bool:
    """Whether the spans of the leaves, concatenated, are the text."""
    leaves: list[Node] = list(document.leaves())
    return "".join(document.text(leaf.span) for leaf in leaves) == document.source.text


def main() -> int:
    """Run what the command line asks for; 1 when a promise is broken."""
    good = linear()
    for folder in sys.argv[1:]:
        good = measure(Path(folder)) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

"""How much of the logic in a folder of instruction files is read: `python -m benchmarks.logic_share FOLDER`.

Prints, over the Agent OS style files (those with `<step` or `<process_flow>`), what became of the logic lines: a
statement of the language, prose that the agent is given as work, judgement, a remark, or not understood (Opaque);
what the statements are, and what the conditions were bound to. Rendering what was read,
and reading that again, must give the same text; the number of texts where it does not is printed too.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from peerlint.process.logic import BindingKind, LineShare, line_shares, parse_logic, render_logic
from peerlint.process.model import walk

_AGENT_OS = re.compile(r"<(?:step|process_flow|instructions|workflow)\b")
_TAG_LINE = re.compile(r"^[ \t]*</?[a-z_]+[^>]*>[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_LOGIC_LINE = re.compile(
    r"^[ \t]*(?:[-*][ \t]+)?(?:(?:ELSE[ \t]+)?IF|ELIF|ELSE|FOR(?: EACH)?|REPEAT|RETRY|LOOP|STOP|HALT"
    r"|PROCEED|SKIP|CONTINUE|SET|[A-Z][A-Z_]{2,}:)(?![a-z])"
)
_DIALECT_TAG = re.compile(r"<(?:check|action|goto|ask|on_failure)\b")


def logic_texts(text: str) -> list[str]:
    """The runs of lines between tags that state logic; a file in attribute style is one text."""
    if _AGENT_OS.search(text) is None:
        return []
    plain = _FENCE.sub("", text)
    pieces = [plain] if _DIALECT_TAG.search(plain) else _TAG_LINE.split(plain)
    return [piece for piece in pieces if any(_is_logic(line) for line in piece.splitlines())]


def _is_logic(line: str) -> bool:
    return _LOGIC_LINE.match(line) is not None or _DIALECT_TAG.search(line) is not None


def measure(folder: Path) -> Counter[str]:
    """Counts over all files of the folder."""
    counts: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        texts = logic_texts(text)
        if not texts:
            continue
        counts["files"] += 1
        for piece in texts:
            _measure_text(piece, counts)
    return counts


def _measure_text(piece: str, counts: Counter[str]) -> None:
    reading = parse_logic(piece, closed=False)
    for span, share in line_shares(piece, reading):
        if _is_logic(piece[span.start : span.end]):
            counts["lines"] += 1
            counts[f"share {share.value if share else 'none'}"] += 1
    for node in walk(reading.statements):
        counts[f"statement {type(node).__name__}"] += 1
    for binding in reading.bindings:
        counts[f"condition {binding.kind.value}"] += 1
    rendered = render_logic(reading.statements)
    counts["texts"] += 1
    counts["not a fixed point"] += render_logic(parse_logic(rendered, closed=False).statements) != rendered


def main(folder: str) -> None:
    counts = measure(Path(folder))
    lines = counts["lines"]
    print(f"{counts['files']} files, {counts['texts']} texts, {lines} logic lines")
    lost = counts[f"share {LineShare.OPAQUE.value}"] + counts["share none"]
    read = lines - counts[f"share {LineShare.OPAQUE.value}"]
    print(f"read without Opaque: {read} of {lines} ({read / max(lines, 1):.1%})")
    print(f"read without Opaque, as a statement: {lines - lost} of {lines} ({(lines - lost) / max(lines, 1):.1%})")
    print("what they say to the machine:")
    for kind in (*(share.value for share in LineShare), "none"):
        print(f"  {kind:10} {counts[f'share {kind}']:6} {counts[f'share {kind}'] / max(lines, 1):6.1%}")
    print(f"rendering is no fixed point: {counts['not a fixed point']}")
    conditions = {kind: counts[f"condition {kind.value}"] for kind in BindingKind}
    total = sum(conditions.values())
    bound = total - conditions[BindingKind.UNBOUND]
    print(f"conditions: {total}, bound {bound} ({bound / max(total, 1):.1%})")
    for binding, count in conditions.items():
        print(f"  {binding.value:10} {count:6} {count / max(total, 1):6.1%}")
    for name in ("Delegate", "Note", "Say", "Check", "Set", "Do", "Stop", "Proceed", "Ask", "Opaque"):
        print(f"  {name:10} {counts[f'statement {name}']:6}")


if __name__ == "__main__":
    main(sys.argv[1])

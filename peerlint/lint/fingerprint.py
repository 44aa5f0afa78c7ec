"""What stays the same of a finding while its line moves."""

from __future__ import annotations

import hashlib

from peerlint.lint.diagnostics import Diagnostic
from peerlint.source.text import SourceText


def fingerprint(source: SourceText, diagnostic: Diagnostic, seen: dict[str, int], path: str | None = None) -> str:
    """32 hex digits of rule, path and text of the line; the n-th of equal findings is told apart by n.

    `seen` counts the equal ones, one for all findings of a report. `path` stands for that of the finding.
    """
    row = source.lines.position(diagnostic.span.start).row
    line = " ".join(source.slice(source.lines.row_span(row)).split())
    identity = "\0".join((diagnostic.code, diagnostic.path if path is None else path, line))
    seen[identity] = seen.get(identity, 0) + 1
    # Names that are no UTF-8 are told apart, too.
    return hashlib.sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

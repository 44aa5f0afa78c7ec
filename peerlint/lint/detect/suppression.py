"""PL001: comments that suppress nothing."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.lint.context import Context, Found
from peerlint.lint.rules import all_rules


def unused_suppression(context: Context) -> Iterator[Found]:
    """Comments whose codes accepted no finding. A code of a rule that is off may be needed elsewhere: no finding."""
    running = context.file.running
    known = {name for rule in all_rules().values() for name in (rule.id, rule.name)}
    for comment in context.file.comments:
        unused = [code for code in comment.unused if code == "*" or code in running or code not in known]
        if unused:
            codes = "any rule" if unused == ["*"] else ", ".join(unused)
            yield Found(comment.span, {"codes": codes})


DETECTORS = (unused_suppression,)

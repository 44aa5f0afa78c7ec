"""PL001: comments that suppress nothing, or something else than was meant."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.lint.context import Context, Found
from peerlint.lint.rules import all_rules, nearest_name
from peerlint.lint.suppress import misunderstood


def unused_suppression(context: Context) -> Iterator[Found]:
    """Comments whose codes accepted no finding. A code of a rule that is off may be needed elsewhere: no finding."""
    running = context.file.running
    known = running | {name for rule in all_rules().values() for name in (rule.id, rule.name)}
    for comment in context.file.comments:
        first = comment.reason.split(maxsplit=1)[0].rstrip(",:;") if comment.reason else ""
        unused = [code for code in comment.unused if code == "*" or code in running]
        unknown = [code for code in comment.codes if code not in known]
        if not comment.codes and first in known:
            problem = f"accepts every rule, not only {first}: write ignore[{first}]"
            yield Found(comment.span, {"problem": problem}, help="Put the code in brackets.")
        elif unused:
            codes = "any rule" if unused == ["*"] else ", ".join(unused)
            yield Found(comment.span, {"problem": f"suppresses {codes}, but there is nothing to suppress"})
        elif unknown:
            members = sorted(code for code in known if code.startswith(unknown[0]) and code[-1].isdigit())
            nearest = nearest_name(unknown[0], known)
            if members and unknown[0].isupper():
                hint = f", but of several: name each, as {members[0]}"
            else:
                hint = f'; did you mean "{nearest}"?' if nearest else ""
            yield Found(comment.span, {"problem": f'names "{unknown[0]}", which is no rule{hint}'})
    for span, words in misunderstood(context.document):
        problem = f'says "{words[:40]}", which means nothing to peerlint: it suppresses nothing'
        todo = "Write ignore[PL101] or ignore-file[PL101], and the reason behind it."
        yield Found(span, {"problem": problem}, help=todo)


DETECTORS = (unused_suppression,)

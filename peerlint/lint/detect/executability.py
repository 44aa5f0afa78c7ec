"""PL8: whether what is written can be run: conditions, anaphora, delegations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, step_label
from peerlint.process.logic import BindingKind
from peerlint.source.text import Span


def unbound_condition(context: Context) -> Iterator[Found]:
    """Conditions that are neither a test, nor a question, nor marked as judgement."""
    for step in context.steps:
        for binding in step.bindings:
            judged = "you judge that" in context.document.text(binding.span)
            if binding.kind is BindingKind.UNBOUND or (binding.kind is BindingKind.DECIDE and not judged):
                yield Found(binding.span, {"condition": " ".join(binding.text.split())})


def dangling_anaphor(context: Context) -> Iterator[Found]:
    """Outcome words that do not stand right below what they speak of."""
    for step in context.steps:
        for container in step.logic:
            for problem in container.reading.problems:
                if problem.code in ("misplaced-outcome", "dangling-anaphor"):
                    yield Found(problem.span, {"problem": problem.message})


_DELEGATION_ENDS = re.compile(r"\b(?:WAIT|VERIFY|PROCESS|VALIDATE|VALIDATION|OUTPUT|STORE|RESULT)\b", re.IGNORECASE)


def open_delegation(context: Context) -> Iterator[Found]:
    """Work that is handed to a subagent, and nobody waits for it or looks at what comes back."""
    for step in context.steps:
        for delegate in step.delegations:
            if delegate.request is None or delegate.wait or delegate.verify or delegate.process:
                continue
            rest = context.document.text(Span(delegate.span.start, max(step.span.end, delegate.span.end)))
            if not _DELEGATION_ENDS.search(rest):
                text = context.document.text(delegate.span)
                start = delegate.span.start + len(text) - len(text.lstrip())
                end = start + len(text.strip().split("\n", 1)[0].rstrip())
                yield Found(Span(start, end), {"subagent": delegate.subagent, "step": step_label(step)})


DETECTORS = (unbound_condition, dangling_anaphor, open_delegation)

"""Who answers what a process asks of people, subagents and judgement."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Protocol

from peerlint.process.logic import THE_AGENT
from peerlint.records import dataclass, field
from peerlint.run.answers import Answers
from peerlint.run.world import Cause, EffectFailure


class Terminal(Protocol):
    """A person at a terminal. Each method gives the text that was typed."""

    def ask(self, question: str) -> str:
        """Reply to a question."""

    def confirm(self, question: str) -> bool:
        """Yes or no."""


def unanswered(what: str, section: str, key: str, answers: Answers) -> EffectFailure:
    """Nobody answers, or not once more; says how the answers file would."""
    if answers.are_used_up(section, key):
        told = (
            f'all replies to {what} are used up; add one in the answers file: {section}: {{"{key}": {{replies: […]}}}}'
        )
    else:
        told = f'nobody answers {what}; give it in the answers file: {section}: {{"{key}": …}}'
    return EffectFailure(Cause.UNANSWERED, told)


@dataclass(slots=True)
class People:
    """The answers file first, then the environment (inputs only), then the terminal, else UNANSWERED."""

    answers: Answers = field(default_factory=Answers)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    terminal: Terminal | None = None

    def ask(self, question: str) -> str:
        """Reply of the user."""
        answer = self.answers.ask(question)
        if answer is None and self.terminal is not None:
            answer = self.terminal.ask(question)
        if answer is None:
            raise unanswered(f'the question "{question}"', "ask", question, self.answers)
        return answer

    def decide(self, question: str) -> bool:
        """Judgement."""
        answer = self.answers.decide(question)
        if answer is None and self.terminal is not None:
            answer = self.terminal.confirm(question)
        if answer is None:
            raise unanswered(f'the judgement "{question}"', "decide", question, self.answers)
        return answer

    def fill_in(self, name: str, question: str | None) -> str:
        """Value of an input."""
        answer = self.answers.fill_in(name)
        if answer is None:
            answer = self.environment.get(name)
        if answer is None and self.terminal is not None:
            answer = self.terminal.ask(f"{name} ({question})" if question else name)
        if answer is None:
            raise unanswered(f"the input {name}", "inputs", name, self.answers)
        return answer

    def subagent(self, name: str, request: str) -> str:
        """Reply of a subagent that did not answer over NATS."""
        asked = "the task" if name == THE_AGENT else f'the request to subagent "{name}"'
        if self.terminal is not None:
            return self.terminal.ask(f"reply to {asked}: {request}")
        raise unanswered(asked, "subagents", name, self.answers)

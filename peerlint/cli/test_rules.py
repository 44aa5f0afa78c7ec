"""`peerlint test-rules`: rules of your own tried on the examples that stand in their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from peerlint.config import own_rules
from peerlint.errors import InputError
from peerlint.lint.engine import RuleCrash, lint
from peerlint.lint.rules import Example, LintSettings, Rule
from peerlint.lint.rules.load import RuleFile
from peerlint.process.build import build
from peerlint.records import dataclass
from peerlint.report.escape import printable
from peerlint.source.document import parse
from peerlint.source.kinds import FileKind, kind_of
from peerlint.source.text import SourceText


@dataclass(frozen=True)
class Verdict:
    """How a rule did on one example: NOISY where it should be silent, MISSING where it should speak, WRONG rows."""

    word: str
    detail: str


@click.command(name="test-rules", short_help="Try rules of your own on their examples.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> int:
    """Try the rules in FOLDER on their own examples.

    Noisy: it speaks where it should be silent. Missing: it is silent where it should speak. Wrong: it speaks on other
    lines, or is untested. Exit code 0: all as the examples say, 1: not, 2: a file that is no rule.
    """
    rule_files = own_rules(folder)
    problems = 0
    for rule_file in rule_files:
        rule, texts = rule_file.rule, rule_file.texts
        verdicts = list(_verdicts(rule_file))
        problems += len(verdicts)
        number = len(texts.valid) + len(texts.invalid)
        state = f"{number} example{'' if number == 1 else 's'}" if not verdicts else ""
        click.echo(f"{rule.id}  {rule.name}  {state or 'not as its examples say'}")
        for verdict in verdicts:
            click.echo(f"  {verdict.word:<8}{printable(verdict.detail)}")
    if not rule_files:
        raise InputError("holds no rule files", path=str(folder), todo="put NAME.yaml into it")
    return 1 if problems else 0


def _verdicts(rule_file: RuleFile) -> Iterator[Verdict]:
    texts = rule_file.texts
    for example in (*texts.valid, *texts.invalid):
        try:
            verdict = _verdict(example, _rows(rule_file.rule, example))
        except RuleCrash as crash:
            verdict = Verdict("Wrong", f'"{example.title}": {crash}')
        if verdict is not None:
            yield verdict
    if not texts.valid:
        yield Verdict("Wrong", "no valid example: nothing shows where the rule is silent")
    if not texts.invalid:
        yield Verdict("Wrong", "no invalid example: nothing shows where the rule speaks")


def _verdict(example: Example, rows: list[int] | None) -> Verdict | None:
    if rows is None:
        return Verdict("Wrong", f'"{example.title}": no instruction file by its path, {example.path}')
    wanted = list(example.lines)
    if rows == wanted:
        return None
    if not wanted:
        return Verdict("Noisy", f'"{example.title}" is valid, but the rule speaks on {_lines(rows)}')
    if not rows:
        return Verdict("Missing", f'"{example.title}" is invalid on {_lines(wanted)}, but the rule is silent')
    return Verdict("Wrong", f'"{example.title}" is invalid on {_lines(wanted)}, the rule speaks on {_lines(rows)}')


def _rows(rule: Rule, example: Example) -> list[int] | None:
    """The rows on which the rule speaks; None where the example is no file that is linted."""
    source = SourceText(example.path, example.text)
    document = parse(source)
    kind = kind_of(example.path, document)
    if kind is FileKind.NONE:
        return None
    files = {path: SourceText(path, text) for path, text in example.files}
    reading = build(document, kind, files.get)
    found = lint(reading, LintSettings((rule,)))
    return [source.lines.position(diagnostic.span.start).row for diagnostic in found]


def _lines(rows: list[int]) -> str:
    return f"line{'' if len(rows) == 1 else 's'} {', '.join(map(str, rows))}"

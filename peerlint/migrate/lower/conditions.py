"""Tests of bash as conditions."""

from __future__ import annotations

import re
from abc import abstractmethod
from itertools import takewhile

from peerlint.migrate.lower.scope import Beyond, Scope, TempFile
from peerlint.migrate.lower.values import Out, Values, simplest
from peerlint.process.bash.tree import Case, CaseArm, DoubleBracket, Glob, Literal, Parameter, Word
from peerlint.process.model import (
    All,
    AnyOf,
    Compare,
    Condition,
    Equals,
    HasPart,
    IsEmpty,
    IsMissing,
    Matches,
    Not,
    Number,
    OneOf,
    Order,
    Outcome,
    OutcomeIs,
    Part,
    PathEmpty,
    PathExists,
    PathKind,
    Ref,
    Text,
    Value,
    Verbatim,
)
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

#: A condition, or its truth where it is known.
Test: TypeAlias = Condition | bool

_PAIRS = {
    "SERVER_RESPONDING": "SERVER_NOT_RESPONDING",
    "BUCKET_AVAILABLE": "BUCKET_NOT_AVAILABLE",
    "KEY_AVAILABLE": "KEY_NOT_AVAILABLE",
    "FILE_AVAILABLE": "FILE_NOT_AVAILABLE",
    **{
        f"{noun}_SUCCEEDS": f"{noun}_FAILS"
        for noun in (
            *("CREATION", "UPDATE", "STORING", "DELETION", "LISTING", "WRITING", "TRANSFORMATION", "COMMAND"),
            "PUBLISHING",
        )
    },
}
_OPPOSITE = {Outcome[a]: Outcome[b] for a, b in _PAIRS.items()} | {Outcome[b]: Outcome[a] for a, b in _PAIRS.items()}
#: Outcome words that hold where the effect succeeded.
_POSITIVE_OUTCOMES = frozenset(Outcome[positive] for positive in _PAIRS) | {Outcome.BUCKET_EXISTS, Outcome.KEY_EXISTS}
_ORDERS = {"-gt": Order.GREATER, "-ge": Order.AT_LEAST, "-lt": Order.LESS, "-le": Order.AT_MOST}
_UNARY = frozenset({"-z", "-n", "-f", "-e", "-s", "-d", "-r", "-x", "-v", "-L", "-w", "-h"})
_BINARY = frozenset({"=", "==", "!=", "=~", "-eq", "-ne", *_ORDERS, "<", ">", "-nt", "-ot", "-ef"})


def is_failure(condition: Condition) -> bool:
    """Whether it holds where the effect above failed."""
    return isinstance(condition, OutcomeIs) and condition.outcome not in _POSITIVE_OUTCOMES


def is_failure_of_any_kind(test: Test) -> bool:
    """Whether it holds wherever the effect above failed, and only there."""
    return not isinstance(test, bool) and is_failure(test) and isinstance(test, OutcomeIs) and test.outcome in _OPPOSITE


def negated(test: Test) -> Test:
    """The opposite; outcome words have an opposite of their own."""
    if isinstance(test, bool):
        return not test
    if isinstance(test, OutcomeIs) and test.outcome in _OPPOSITE:
        return OutcomeIs(_OPPOSITE[test.outcome])
    if isinstance(test, Not):
        return test.condition
    return Not(test)


def joined(tests: list[Test], *, every: bool) -> Test:
    """All of the tests (`every`), or any of them; what is known is folded away."""
    left: list[Condition] = []
    for test in tests:
        if isinstance(test, bool):
            if test is not every:
                return test
            continue
        kind = All if every else AnyOf
        left.extend(test.conditions if isinstance(test, kind) else (test,))
    if not left:
        return every
    return left[0] if len(left) == 1 else All(tuple(left)) if every else AnyOf(tuple(left))


class Conditions(Values):
    """Translates `[ … ]`, `[[ … ]]` and the patterns of `case`."""

    @abstractmethod
    def temp_file(self, path: Text) -> TempFile | None:
        """What stands for a file in the folder for temporary files, where the process wrote it."""

    @abstractmethod
    def is_temporary(self, path: Text) -> bool:
        """Whether the path lies in the folder for temporary files."""

    def bracket(self, words: tuple[Word, ...], scope: Scope, span: Span, out: Out) -> Test:
        """The words between `[` and `]`, or behind `test`. Raises Beyond."""
        return _Expression(self, words, scope, span, out, double=False).whole()

    def double_bracket(self, command: DoubleBracket, scope: Scope, out: Out) -> Test:
        """`[[ … ]]`. Raises Beyond."""
        return _Expression(self, command.words, scope, command.span, out, double=True).whole()

    def is_empty(self, value: Value) -> Test:
        """Whether a value is missing or ""."""
        if isinstance(value, Text) and value.literal is not None:
            return not value.literal
        if isinstance(value, Text) and any(isinstance(part, str) for part in value.parts):
            return False
        return False if isinstance(value, Number) else IsEmpty(value)

    def equal(self, left: Value, right: Value) -> Test:
        """Same text; the letter that `[ "x$NAME" = "xvalue" ]` guards its operands with says nothing."""
        left, right = _without_guard(left, right)
        known = (_literal(left), _literal(right))
        if known[0] is not None and known[1] is not None:
            return known[0] == known[1]
        if known[1] == "":
            return self.is_empty(left)
        if known[0] is not None:
            left, right = right, left
            if known[0] == "":
                return self.is_empty(left)
        return Equals(left, right if not isinstance(right, Number) else Text.of(str(right.value)))

    def compared(self, operator: str, left: Value, right: Value) -> Test:
        """A comparison of numbers."""
        left, right = _number(left), _number(right)
        if isinstance(left, Number) and isinstance(right, Number):
            a, b = left.value, right.value
            return {"-eq": a == b, "-ne": a != b, "-gt": a > b, "-ge": a >= b, "-lt": a < b, "-le": a <= b}[operator]
        if operator in _ORDERS:
            return Compare(_ORDERS[operator], left, right)
        if isinstance(left, Number):
            left, right = right, left
        same: Condition = (
            Equals(left, right)
            if isinstance(right, Number)
            else All((Compare(Order.AT_LEAST, left, right), Compare(Order.AT_MOST, left, right)))
        )
        return same if operator == "-eq" else Not(same)

    def path_test(self, operator: str, word: Word, scope: Scope, span: Span, out: Out) -> Test:
        """`-f`, `-s`, `-d` and their like; a promoted temp file is its names."""
        path = self.text(word, scope, out)
        if self.is_temporary(path):
            file = self.temp_file(path)
            witness = file.witness if file else None
            if witness is None or operator not in ("-f", "-e", "-s", "-r"):
                raise Beyond("a test of a temp file that nothing in the process writes", span, scope.source)
            return Not(IsEmpty(witness)) if operator == "-s" else Not(IsMissing(witness))
        if operator in ("-f", "-d"):
            return PathExists(PathKind.FILE if operator == "-f" else PathKind.FOLDER, path)
        if operator == "-s":
            return Not(PathEmpty(PathKind.FILE, path))
        if operator == "-e":
            return AnyOf((PathExists(PathKind.FILE, path), PathExists(PathKind.FOLDER, path)))
        raise Beyond(f"the test {operator} of a file", span, scope.source)

    def pattern(self, value: Value, word: Word, scope: Scope, out: Out) -> Test:
        """Whether the value matches a pattern of `case` or `[[ == ]]`. Raises Beyond."""
        globs = [part for part in word.parts if isinstance(part, Glob)]
        if not globs:
            return self.equal(value, self.text(word, scope, out))
        if any(set(part.text) != {"*"} for part in globs):
            return self._regular(value, word, scope)
        inner = word.parts
        if len(inner) == 1:
            return True
        begins, ends = isinstance(inner[0], Glob), isinstance(inner[-1], Glob)
        middle = Word(inner[1 if begins else 0 : len(inner) - 1 if ends else len(inner)], word.span)
        if any(isinstance(part, Glob) for part in middle.parts):
            return self._regular(value, word, scope)
        part = Part.CONTAINS if begins and ends else Part.ENDS if begins else Part.STARTS
        return HasPart(part, value, self.text(middle, scope, out))

    def _regular(self, value: Value, word: Word, scope: Scope) -> Test:
        """A pattern as a regular expression; only for patterns of one line made of literals and globs."""
        pieces: list[str] = []
        for part in word.parts:
            if isinstance(part, Literal):
                pieces.append(re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", part.text))
            elif isinstance(part, Glob):
                text = re.sub(r"\[!", "[^", part.text)
                pieces.append("".join({"*": ".*", "?": "."}.get(piece, piece) for piece in re.split(r"([*?])", text)))
            else:
                raise Beyond("a pattern with a variable inside", word.span, scope.source)
        pattern = "".join(pieces)
        if "'" in pattern or re.search(r"[()]", "".join(p.text for p in word.parts if isinstance(p, Glob))):
            raise Beyond("a pattern that is not translated", word.span, scope.source)
        self.one_line(value, word.span, "a pattern for a text of several lines")
        return Matches(value, Verbatim(f"^{pattern}$"))

    def case_tests(self, command: Case, scope: Scope, out: Out) -> list[tuple[Test, CaseArm]]:
        """Each arm with its test. Raises Beyond for fall-through arms."""
        subject = self.value(command.subject, scope, out)
        tests: list[tuple[Test, CaseArm]] = []
        for arm in command.arms:
            if arm.end != ";;":
                raise Beyond(f"a case arm that ends in {arm.end}", arm.span, scope.source)
            choices = [self.pattern(subject, pattern, scope, out) for pattern in arm.patterns]
            options = [choice.right for choice in choices if isinstance(choice, Equals)]
            if len(choices) > 1 and len(options) == len(choices):
                tests.append((OneOf(subject, tuple(options)), arm))
            else:
                tests.append((joined(choices, every=False), arm))
        return tests


def _without_guard(left: Value, right: Value) -> tuple[Value, Value]:
    """The texts without the literal that both begin with, and that with which both end."""
    if not isinstance(left, Text) or not isinstance(right, Text) or left.block or right.block:
        return left, right
    for end in (0, -1):
        first, second = (text.parts[end] if text.parts else "" for text in (left, right))
        if isinstance(first, str) and isinstance(second, str):
            pairs = zip(first[:: end or 1], second[:: end or 1], strict=False)
            shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            left, right = (_without(text, end, shared) for text in (left, right))
    return simplest(left), simplest(right)


def _without(text: Text, end: int, length: int) -> Text:
    """The text without as many characters of the literal at its beginning (0) or its end (-1)."""
    if not length:
        return text
    literal = str(text.parts[end])
    if end == 0:
        return Text.of(literal[length:], *text.parts[1:])
    return Text.of(*text.parts[:-1], literal[:-length])


def _literal(value: Value) -> str | None:
    if isinstance(value, Number):
        return str(value.value)
    return value.literal if isinstance(value, Text) else None


def _number(value: Value) -> Value:
    literal = _literal(value)
    return Number(int(literal)) if literal is not None and re.fullmatch(r"-?(0|[1-9]\d*)", literal) else value


class _Expression:
    """The expression inside brackets, by precedence: `-o`/`||`, `-a`/`&&`, `!`, parentheses, tests."""

    def __init__(
        self, translate: Conditions, words: tuple[Word, ...], scope: Scope, span: Span, out: Out, *, double: bool
    ) -> None:
        self._translate, self._words, self._scope, self._span, self._out = translate, list(words), scope, span, out
        self._or, self._and = ("||", "&&") if double else ("-o", "-a")
        self._double = double

    def whole(self) -> Test:
        if not self._words:
            return False
        test = self._any()
        if self._words:
            raise Beyond("a test that is not understood", self._span, self._scope.source)
        return test

    def _sign(self, index: int = 0) -> str | None:
        return self._words[index].bare if index < len(self._words) else None

    def _any(self) -> Test:
        tests = [self._all()]
        while self._sign() == self._or:
            self._words.pop(0)
            tests.append(self._all())
        return joined(tests, every=False)

    def _all(self) -> Test:
        tests = [self._single()]
        while self._sign() == self._and:
            self._words.pop(0)
            tests.append(self._single())
        return joined(tests, every=True)

    def _single(self) -> Test:
        if not self._words:
            raise Beyond("a test without operands", self._span, self._scope.source)
        if self._sign() == "!" and len(self._words) > 1:
            self._words.pop(0)
            return negated(self._single())
        if self._sign() in ("(", "\\(") and len(self._words) > 2:
            self._words.pop(0)
            test = self._any()
            if self._sign() not in (")", "\\)"):
                raise Beyond("a parenthesis is not closed", self._span, self._scope.source)
            self._words.pop(0)
            return test
        if self._sign(1) in _BINARY and len(self._words) > 2:
            left, operator, right = self._words.pop(0), self._sign() or "", self._words[1]
            del self._words[:2]
            return self._binary(left, operator, right)
        if self._sign() in _UNARY and len(self._words) > 1:
            operator = self._sign() or ""
            operand = self._words[1]
            del self._words[:2]
            return self._unary(operator, operand)
        return negated(self._translate.is_empty(self._translate.value(self._words.pop(0), self._scope, self._out)))

    def _unary(self, operator: str, operand: Word) -> Test:
        if operator in ("-z", "-n"):
            part = operand.parts[0] if len(operand.parts) == 1 else None
            if isinstance(part, Parameter) and part.operator in ("+", ":+") and operator in ("-z", "-n"):
                # `[ -z "${X+x}" ]` asks whether X was ever set, `${X:+x}` whether it is not empty.
                base = self._translate.parameter(
                    Parameter(part.name, quoted=True, span=part.span), self._scope, self._out
                )
                known = isinstance(base, Text)
                test: Test = True if known else IsMissing(base) if part.operator == "+" else IsEmpty(base)
                test = negated(test) if known else test
                return test if operator == "-z" else negated(test)
            empty = self._translate.is_empty(self._translate.value(operand, self._scope, self._out))
            return empty if operator == "-z" else negated(empty)
        self._refuse_pattern(operand)
        return self._translate.path_test(operator, operand, self._scope, self._span, self._out)

    def _refuse_pattern(self, word: Word) -> None:
        """Raises Beyond for `[ -f *.sln ]`, which is an error where several files match; `[[ … ]]` has no patterns."""
        if not self._double and any(isinstance(part, Glob) for part in word.parts):
            raise Beyond("[ … ] with a pattern, which fails where several files match", word.span, self._scope.source)

    def _binary(self, left: Word, operator: str, right: Word) -> Test:
        translate, scope, out = self._translate, self._scope, self._out
        value = translate.value(left, scope, out)
        self._refuse_pattern(left)
        self._refuse_pattern(right)
        if operator in ("=", "==", "!="):
            same = (
                translate.pattern(value, right, scope, out)
                if self._double
                else translate.equal(value, translate.value(right, scope, out))
            )
            return negated(same) if operator == "!=" else same
        if operator == "=~":
            return self._regular(value, right)
        if operator in _ORDERS or operator in ("-eq", "-ne"):
            return translate.compared(operator, value, translate.value(right, scope, out))
        raise Beyond(f"the test {operator}", self._span, self._scope.source)

    def _regular(self, value: Value, word: Word) -> Test:
        pieces: list[str] = []
        for part in word.parts:
            if isinstance(part, Literal):
                quoted = re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", part.text) if part.quoted else part.text
                pieces.append(quoted)
            elif isinstance(part, Glob):
                pieces.append(part.text)
            else:
                raise Beyond("a regular expression with a variable inside", word.span, self._scope.source)
        pattern = "".join(pieces)
        if "'" in pattern:
            raise Beyond("a regular expression with a quote inside", word.span, self._scope.source)
        self._translate.one_line(value, word.span, "a regular expression for a text of several lines")
        return Matches(value, Verbatim(pattern))


__all__ = ["Conditions", "Ref", "Test", "joined", "negated"]

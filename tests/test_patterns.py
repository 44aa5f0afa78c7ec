"""Patterns that are compiled when they are used are the patterns that they stand for."""

from __future__ import annotations

import gc
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import peerlint
from peerlint import patterns
from peerlint.patterns import regex


def test_each_method_is_that_of_the_pattern() -> None:
    ways: dict[str, Callable[[Any], object]] = {
        "match": lambda p: p.match("Ab1 b2").span(),
        "fullmatch": lambda p: p.fullmatch("b1 B2"),
        "search": lambda p: p.search("a b1 B2", 3)[0],
        "finditer": lambda p: [found[0] for found in p.finditer("a b1 B2")],
        "findall": lambda p: p.findall("a b1 B2"),
        "split": lambda p: p.split("a b1 B2 c", maxsplit=1),
        "sub": lambda p: p.sub(r"<\1>", "a b1 B2 c", count=1),
        "subn": lambda p: p.subn("", "a b1 B2 c"),
    }
    for name, way in ways.items():
        standard, ours = (make(r"a?(b\d)", re.IGNORECASE) for make in (re.compile, regex))
        assert way(ours) == way(standard), name
        assert way(ours) == way(standard), f"{name}, once more"
        assert ours.pattern == standard.pattern


def test_what_is_not_used_is_not_compiled() -> None:
    program = (
        "import re\n"
        "from peerlint.patterns import regex\n"
        "made = []\n"
        "compile = re.compile\n"
        "re.compile = lambda *given: made.append(given[0]) or compile(*given)\n"
        "used, unused = regex('a+'), regex('b+')\n"
        "assert used.match('aa') and used.match('a') and not used.search('b')\n"
        "print(*made)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["a+"]


def _stand_ins() -> list[patterns._Regex]:
    """All patterns of the project."""
    for module in pkgutil.walk_packages(peerlint.__path__, "peerlint."):
        if "shims" not in module.name and not module.name.endswith(("__main__", "filter_child")):
            import_module(module.name)
    # A test before this one may have called `main`, which freezes what there is: frozen objects are not listed.
    gc.unfreeze()
    found = [each for each in gc.get_objects() if type(each) is patterns._Regex]
    assert len(found) > 200
    return found


def test_each_pattern_of_the_project_compiles() -> None:
    for each in _stand_ins():
        parsed = _parser.parse(each.pattern, each.flags)
        if each.needs:
            left = {text for text in _texts(parsed, each.needs) if text != _HELD}
            assert not left, f"{each.pattern} matches {left} without any of {each.needs}"
            assert all(literal == literal.casefold() for literal in each.needs)


def test_no_pattern_without_case_takes_a_large_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """`latin_set` says why; such a table took a quarter of what compiling all patterns of a run did."""
    optimized = _compiler._optimize_charset
    large: list[object] = []

    def watched(*given: Any) -> Any:
        done = optimized(*given)
        large.extend(given[0] for operation, _ in done[0] if operation is _constants.BIGCHARSET)
        return done

    monkeypatch.setattr(_compiler, "_optimize_charset", watched)
    _compiler.compile("[a-z]", re.IGNORECASE)
    assert large, "the test would see one"
    for each in _stand_ins():
        if each.flags & re.IGNORECASE:
            large.clear()
            _compiler.compile(each.pattern, each.flags)
            assert not large, each.pattern


def test_a_text_without_what_a_pattern_needs_is_answered_without_it() -> None:
    pattern = regex("(?:red|blue) [(", re.IGNORECASE, needs=("red", "blue"))
    assert pattern.match("green") is pattern.search("green") is pattern.fullmatch("green") is None
    assert list(pattern.finditer("green")) == []
    for text in ("Red (", "deep BLUE"):
        with pytest.raises(re.error):
            pattern.search(text)


def test_letters_that_match_others_without_case_count_as_those() -> None:
    for text in ("\u212aSIL\u0131", "ksili", "KSILI", "K\u017fILI", "KSILI \u0130"):
        plain, needy = re.compile("ksili", re.IGNORECASE), regex("ksili", re.IGNORECASE, needs=("ksili",))
        assert bool(needy.search(text)) == bool(plain.search(text)), text


#: Stands for a text that holds a literal which the pattern needs.
_HELD = "held"


def _texts(parsed: Any, needs: tuple[str, ...]) -> set[str]:
    """What a parsed pattern matches, in lower case; NUL for what differs, `_HELD` for what holds a needed literal."""
    texts = {""}
    for kind, value in parsed:
        nexts = _texts_of(kind, value, needs)
        joined = {_HELD if _HELD in (before, after) else before + after for before in texts for after in nexts}
        texts = {_HELD if text != _HELD and any(need in text for need in needs) else text for text in joined}
    return texts


def _texts_of(kind: Any, value: Any, needs: tuple[str, ...]) -> set[str]:
    if kind is _constants.LITERAL:
        return {chr(value).casefold()}
    if kind is _constants.BRANCH:
        return set().union(*(_texts(each, needs) for each in value[1]))
    if kind is _constants.SUBPATTERN:
        return _texts(value[-1], needs)
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        least, most, repeated = value
        once = _texts(repeated, needs)
        return once | ({"\0"} if most > 1 and once != {_HELD} else set()) | ({""} if least == 0 else set())
    if kind in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
        return {""}
    return {"\0"}

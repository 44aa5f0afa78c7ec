"""Patterns that are compiled when they are used are the patterns that they stand for."""

from __future__ import annotations

import gc
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

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


def test_each_pattern_of_the_project_compiles() -> None:
    for module in pkgutil.walk_packages(peerlint.__path__, "peerlint."):
        if "shims" not in module.name and not module.name.endswith(("__main__", "filter_child")):
            import_module(module.name)
    stand_ins = [each for each in gc.get_objects() if type(each) is patterns._Regex]
    assert len(stand_ins) > 200
    for each in stand_ins:
        assert re.compile(each.pattern, each.flags).pattern == each.pattern

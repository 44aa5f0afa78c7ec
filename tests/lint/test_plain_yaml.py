"""Front matter that is told to be plain is what a parser of YAML takes for a mapping."""

from __future__ import annotations

import timeit
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from peerlint.lint.detect.plain_yaml import is_plain_mapping

_KEYS = ["name", "a-b", "x_1", "yes", "on", "1", "name ", "- a", " b", "<<", '"q"']
_VALUES = [
    "",
    " a",
    " two words",
    "  Use it: now",
    " http://x.y",
    " a#b #c",
    " a #",
    " x:",
    " : x",
    " a: b",
    " - a",
    " # only a remark",
    " 'it'",
    " 'it''s'",
    ' "a: b"',
    ' "a\\q"',
    ' "a" b',
    " [a, b c]",
    " [a, [b]]",
    " [a, 'b, c']",
    " [a b, , c]",
    " [a",
    " []",
    " {a: b}",
    " *a",
    " &a b",
    " !t x",
    " |",
    " >-",
    " | x",
    " @a",
    " `a`",
    " %a",
    " ? a",
    " 2024-99-99",
    " 12e",
    " 0b_",
    " é – “quoted” 🎉",
    "\ta",
    " a\tb",
    " a  ",
    " a, b [c] {d}",
    ' it\'s "so" & *that* | > ! % @',
    " a ? b - c",
    " x\u2028y",
    " x\x85",
    " Run a:b and c: ",
    " 1.2.0",
    " 08",
    " 2024-02-28",
    " 2024-02-30",
    " 1:30",
    " 1_0 # x",
    " C# and .NET",
    " a  # why",
    " 'a' # why",
    ' "a"#b',
    " [a:b, c:*]",
    " [a:, b]",
    " [a: b]",
    " <path> [b]",
    " <a>: b",
    " (none)",
    " (a) # b",
    " 🎉 party",
    " é: b",
    " \u00a0a",
    " \u3000",
    " ×",
    " [--dry-run | --force|x <y>]",
    " [--, a]",
    " [--a: b]",
    " [-a, - b]",
    " [<a> | b, c]",
    " [|a]",
    " [a |, >b]",
    ' "a \\"b\\"\\n: c"',
    ' "a\\\\"',
    ' "a\\',
    ' "\\x"',
    ' ["a\\"", b]',
]
_MORE = [
    "  - a",
    "  - b c",
    "    - d",
    "- e",
    "  more",
    "    deep",
    "",
    " ",
    "   ",
    "# remark",
    "  # r",
    "---",
    "\t- a",
    "  - a: b",
    "  a: b c",
    "  b: 'x'",
    "   c: d",
    "  a: [x]",
    "  b: 3 # x",
    "  - 2024-01-01",
    "a:",
    "  b:",
    "    c:",
    "    c: d",
    "      e: [f, 'g']",
    "      - h",
    "  - i: j",
    "    k: l",
    "- m: n",
    "- o:",
    "  p: |",
    "    - q: >-",
    "          r",
    "s: [",
    "  t: ['u',",
    "    'v', w x",
    "  y,",
    "]",
    "  ]",
    "  [z]",
    "   # r",
    "on:",
    "  yes: x",
    "  on: y",
    "  null: z",
    "  'k-1': v",
    '  "on": w',
    '  k: {"a": "b"}',
    '  l: {"a": "b", "a": "c"}',
]


def _yaml(text: str) -> object:
    try:
        return YAML(typ="safe", pure=True).load(text)
    except Exception as problem:  # whatever it is, it is no mapping
        return problem


@st.composite
def _texts(draw: st.DrawFn) -> str:
    head = st.builds(lambda key, value: f"{key}:{value}", st.sampled_from(_KEYS), st.sampled_from(_VALUES))
    line = st.one_of(
        head, st.sampled_from(_MORE), st.text(st.sampled_from("ab: #-'\"[]{},|>\\\t!&*?%@\u00e9"), max_size=12)
    )
    lines = draw(st.lists(line, max_size=7))
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n"]))
    return end.join(lines) + draw(st.sampled_from(["", "\n", end]))


@settings(deadline=None)
@given(_texts())
def test_what_is_told_to_be_plain_is_a_mapping(text: str) -> None:
    if is_plain_mapping(text):
        assert isinstance(loaded := _yaml(text), dict) or loaded is None, (text, loaded)


@pytest.mark.parametrize("item", ["a , ", "'a' , ", '"a" , ', "a: b , "])
def test_a_list_that_never_ends_takes_no_longer_than_it_is_long(item: str) -> None:
    texts = [f"a: [{item * number}!]\n" for number in (2_000, 20_000)]
    short, long = (min(timeit.repeat(partial(is_plain_mapping, text), number=1)) for text in texts)

    assert long < 40 * short + 0.05


@pytest.mark.parametrize("value", [value for value in _VALUES if not isinstance(_yaml(f"name:{value}\n"), dict)])
def test_what_is_no_mapping_is_never_told_to_be_plain(value: str) -> None:
    assert not is_plain_mapping(f"name:{value}\n")


@pytest.mark.parametrize(
    "text",
    [
        "name: a\ndescription: Use it when a file is read, e.g. a.md (see http://x.y). It's quick!\n",
        "name: a\ntools: Read, Write, Bash(git:*)\nmodel: sonnet\n",
        'description: "Looks: and finds"\nargument: [one, "two three"]\n',
        "tools:\n  - Read\n  - Grep\nname: x\n",
        "description: |\n  One: two\n\n    three # four\nname: x\n",
        "metadata:\n  author: Jo (https://x.y)\n  version: 'it''s'\nname: x\n",
        "name: a\nversion: 1.2.0\nupdated: 2025-12-09\nallowed-tools: [Read, Bash(git status:*)]\n",
        "description: C# and .NET\nmodel: sonnet # for now\nmetadata:\n  files: [a, 'b*']\n",
        "# a remark\r\nname: a-b\r\n\r\ncolor: blue\r\n",
        'argument-hint: <file> [options]\ndescription: 🎉 Party of "two" (é)\n',
        "argument-hint: [--all | --only <name>]\ndescription: (none yet)\n",
        'description: "Use when:\\n- \\"done\\""\n',
        "a:\n  b:\n    c: d\n    e:\n    - f\n    - 'g'\n  # why\n  h: i\nj: k\n",
        "a:\n- b: c\n  d:\n    - e\n- f\ng:\n  - h: |\n      i: j\n    k: l\n",
        'on:\n  \'a-b\': c\n  "d": {"e": "f: g"}\n',
        "a: [\n  'b/c',\n  d e,\n]\nf:\n  [ g, 'h' ]\ni:\n  j: ['k',\n      'l']\n",
    ],
)
def test_common_front_matter_is_plain(text: str) -> None:
    assert is_plain_mapping(text)
    assert isinstance(_yaml(text), dict)

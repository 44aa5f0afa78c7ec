"""A config that is read without the library says what the library says, or is left to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.safe_yaml import plain_mapping, safe_yaml

_KEYS = [
    "profile",
    "ignore",
    "per-file-ignores",
    '"docs/**"',
    "'a b'",
    "docs/**",
    "a.md",
    "true",
    "yes",
    "1",
    "? a",
    "<<",
    "x ",
]
_VALUES = [
    *(
        "",
        " a",
        " PL101",
        " true",
        " False",
        " no",
        " null",
        " ~",
        " 1",
        " 1.0",
        " >=0.1",
        " a b",
        " a:b",
        " a: b",
        " 'it''s'",
    ),
    *(
        ' ">=0.1"',
        " 'a # b'",
        ' "a\\n"',
        ' ""',
        " ''",
        " a # why",
        " a#b",
        " # why",
        " []",
        " [ ]",
        " [a]",
        " [a, 'b, c', \"d\"]",
    ),
    *(
        " [a, [b]]",
        " [a,]",
        " [, a]",
        " [a b]",
        " [a, true, no]",
        " [a: b]",
        " [a] # why",
        " {a: b}",
        " {}",
        ' { "d/**": [a, b], c: [] } # why',
        " {a: b, 'c': true}",
        " {a: b, a: c}",
        " {a: {b: c}}",
        " {a: b,}",
        " {a:b}",
        " {a, b: c}",
        " {a: no}",
        " {'a, b': c}",
        " |",
        " >-",
        " &x a",
    ),
    *(" *x", " !t a", " - a", "a", "  a  ", " a\t", " é", " 'é'", " a\x85", ' "a" b', " 'a'b", " .inf", " e1", " 0x1"),
]
_LINES = [
    *(
        "- a",
        "  - a",
        "  - PL101 # why",
        "    - b",
        "- a: b",
        "  -",
        "- - a",
        "  - 'a'",
        "  - true",
        "  - 1",
        "-",
        "-a",
    ),
    *(
        "  a: b",
        "  a:",
        "  b: [c]",
        "   c: d",
        "  'd/**': [e, f]",
        "  a: b c",
        "---",
        "...",
        "%YAML 1.2",
        "# remark",
        "  # r",
    ),
    *("", "  ", "\t", "more", "  more", "\ufeff", "? a", ": b"),
]


def _by_library(text: str) -> object:
    try:
        return safe_yaml().load(text) or {}
    except Exception as problem:  # whatever it is, it is not told here
        return problem


@st.composite
def _texts(draw: st.DrawFn) -> str:
    entry = st.builds(lambda key, value: f"{key}:{value}", st.sampled_from(_KEYS), st.sampled_from(_VALUES))
    signs = st.text(st.sampled_from("ab: #-'\"[],*/.\\"), max_size=12)
    lines = draw(st.lists(st.one_of(entry, entry, st.sampled_from(_LINES), signs), max_size=6))
    return draw(st.sampled_from(["\n", "\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n"]))


@settings(deadline=None)
@given(_texts())
def test_what_is_told_is_what_the_library_reads(text: str) -> None:
    if (told := plain_mapping(text)) is not None:
        assert told == _by_library(text)
        assert str(told) == str(_by_library(text)), "1 is no true"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "profile: proved\npreview: true\nfail-on: note\n",
        "ignore: [PL308, external-script]\nselect:\n  - PL1\n  - 'PL2'  # state\n",
        'exclude:\n- "old/**"\n- docs/*.md\nrequired-version: ">=0.1"\n',
        'severity:\n  PL101: warning\nper-file-ignores:\n  "tests/**": [PL101, PL2]\n  docs/**: []\n',
        "profile: coordination\r\nharness: claude-code\r\n",
        'severity: {external-script: warning}\nper-file-ignores: {"docs/**": [PL1, PL2], "a": []}\n',
    ],
)
def test_common_config_is_plain(text: str) -> None:
    assert plain_mapping(text) == _by_library(text)

"""A script without a flaw: quotes where bash takes values apart, guards in loops over files, and nothing else."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.prove.mends import flaws_of, mended, with_guards, with_quotes


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("git merge $A$B x", 'git merge "$A""$B" x'),
        ("echo `date $X` $(cat $F)", 'echo "`date "$X"`" "$(cat "$F")"'),
        ("cat a/$B/*.md > out/${F%.*}", 'cat a/"$B"/*.md > out/"${F%.*}"'),
        ("for f in a/$B/*.md; do rm $f; done", 'for f in a/"$B"/*.md; do rm "$f"; done'),
        ('echo "it is $(ls $Q)"', 'echo "it is $(ls "$Q")"'),
        ("cat <<E\n$X $(ls $Q)\nE\n", 'cat <<E\n$X $(ls "$Q")\nE\n'),
        ("[ -f $X ] && [[ $X = a ]]", '[ -f "$X" ] && [[ $X = a ]]'),
    ],
)
def test_a_value_that_bash_takes_apart_gets_quotes(text: str, quoted: str) -> None:
    assert with_quotes(text) == quoted


@pytest.mark.parametrize(
    "text",
    [
        'git merge "$A" x',
        "for f in $LIST; do :; done",
        "A=$X\nexport B=$C",
        "set -- $WORDS",
        "cmd $@ $*",
        'cmd ${A:+"$A"}',
        "echo $((1+$X))",
    ],
)
def test_what_stays_whole_or_is_a_list_is_left(text: str) -> None:
    assert with_quotes(text) == text


_WORDS = st.lists(st.sampled_from(["$A", "x$A", '"$A"', "$(echo $A)", "`echo $A`", "${A%b}", "y", "*.$A"]), min_size=1)


@given(_WORDS, st.sampled_from(["", "a", "a b", " a  b "]))
def test_with_quotes_each_word_is_one_argument(words: list[str], value: str) -> None:
    script = f"set -f\ncount() {{ echo $#; }}\ncount {' '.join(words)}\n"
    done = subprocess.run(
        ["bash", "-c", with_quotes(script)], env={"A": value}, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == (f"{len(words)}\n", "")


def test_a_loop_over_files_passes_over_what_is_none() -> None:
    assert with_guards('for f in "$D"/*.md; do rm "$f"; done') == (
        'for f in "$D"/*.md; do [ -e "$f" ] || [ -L "$f" ] || continue; rm "$f"; done'
    )
    for other in (
        "for f in a b.md; do rm $f; done",
        "for f in $LIST; do rm $f; done",
        "ls *.md",
        'for f in "*"; do :; done',
    ):
        assert with_guards(other) == other


def test_both_mends_go_together() -> None:
    script = "for f in $D/*.md; do\n  cat $f\ndone\n"
    assert flaws_of(["ls", script]) == ("word-splitting", "unmatched-glob")
    assert flaws_of(["ls *.md"]) == ()
    assert mended(script, flaws_of([script])) == (
        'for f in "$D"/*.md; do\n  [ -e "$f" ] || [ -L "$f" ] || continue; cat "$f"\ndone\n'
    )

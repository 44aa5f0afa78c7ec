"""A script without a flaw: quotes where bash takes values apart, guards in loops over files, and nothing else."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.prove.mends import flaws_of, mended, with_guards, with_quotes, with_whole_choices


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo $(says 0 || echo other)", "one"),
        ("echo $(says 3 || echo other)", "other"),
        ('echo "$(says 3 || says 4 || printf other)"', "other"),
        ('echo "$(says 3 || says 0 || printf other)"', "one"),
        ('echo "$(says 3 | cat || echo other)"', "one"),
        ('echo "$(says $(says 3 >&2 || echo 4) || echo other)"', "other"),
        ("echo `says 3 || echo other`", "other"),
        ("says 3 || echo other", "one\nother"),
        ("X=$(says 3 && echo more || echo other); echo $X", "one other"),
    ],
)
def test_a_choice_gives_what_the_last_command_prints(text: str, said: str) -> None:
    script = with_whole_choices(f"says() {{ echo one; return $1; }}\n{text}\n")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == said

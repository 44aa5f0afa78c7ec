"""Files and folders are part of the scenarios: what a rewrite does otherwise with one of them refutes it."""

from __future__ import annotations

import pytest

from peerlint.prove.lab import Lab
from peerlint.prove.places import Places
from peerlint.prove.proof import Verdict
from tests.prove.test_proof import prove

EXISTS = (
    '#!/bin/bash\nif [ ! -f docs/plan.md ]; then\n  echo "no plan"\n  exit 1\nfi\necho "planned"\n',
    '\nIF file "docs/plan.md" does not exist:\n  ERROR: "no plan"\n  STOP execution\nDISPLAY: "planned"\n',
)
FILLED = (
    '#!/bin/bash\nif [ -s docs/plan.md ]; then\n  echo "planned"\nfi\n',
    '\nIF file "docs/plan.md" is not empty:\n  DISPLAY: "planned"\n',
)
CONTENT = (
    '#!/bin/bash\nMODE=$(cat mode.txt) || exit 1\nif [ "$MODE" = "fast" ]; then\n  echo "fast"\nfi\n',
    '\nREAD: file "mode.txt" AS MODE\nIF MODE is "fast":\n  DISPLAY: "fast"\n',
)
PATTERN = (
    '#!/bin/bash\nfor note in notes/*.md; do\n  [ -f "$note" ] || continue\n  echo "note $note"\ndone\n',
    '\nFOR EACH NOTE in files matching "notes/*.md":\n  IF file "[NOTE]" exists:\n    DISPLAY: "note [NOTE]"\n',
)
FOLDER = (
    '#!/bin/bash\nif [ -d "$HOME/.cache/it" ]; then\n  echo "cached"\nelse\n  echo "fresh"\nfi\n',
    '\nIF folder "~/.cache/it" exists:\n  DISPLAY: "cached"\nELSE:\n  DISPLAY: "fresh"\n',
)
WRITTEN = (
    '#!/bin/bash\necho "done" > out/report.txt || exit 1\necho "written"\n',
    '\nWRITE: file "out/report.txt" = "done"\nDISPLAY: "written"\n',
)
APPENDED = (
    '#!/bin/bash\necho "done" >> log.txt || exit 1\n',
    '\nAPPEND: file "log.txt" = "done"\n',
)
NAMED = (
    '#!/bin/bash\nDIR="specs/$SLUG"\nif [ -f "$DIR/plan.md" ]; then\n  echo "planned"\nelse\n  echo "no plan"\nfi\n',
    '\nINPUT: SLUG\nSET: DIR = "specs/[SLUG]"\nIF file "[DIR]/plan.md" exists:\n  DISPLAY: "planned"\n'
    'ELSE:\n  DISPLAY: "no plan"\n',
)
EACH = (
    '#!/bin/bash\nfor file in one.md two.md; do\n  if [ ! -f "docs/$file" ]; then\n    echo "no $file"\n    exit 1\n'
    '  fi\ndone\necho "all there"\n',
    '\nFOR EACH FILE in "one.md", "two.md":\n  IF file "docs/[FILE]" does not exist:\n    ERROR: "no [FILE]"\n'
    '    STOP execution\nDISPLAY: "all there"\n',
)
FOUND = (
    '#!/bin/bash\nDIR=${SPECS:-specs}\nCOUNT=$(find "$DIR" -name "*.md" 2>/dev/null | wc -l)\n'
    'if [ "$COUNT" -eq 0 ]; then\n  echo "no specs"\nelse\n  echo "specs"\nfi\n',
    '\nINPUT: SPECS\nSET: DIR = SPECS, or "specs" if empty\n'
    'RUN: `find "[DIR]" -name "*.md" | wc -l` AS COUNT, errors hidden\n'
    'IF COUNT is 0:\n  DISPLAY: "no specs"\nELSE:\n  DISPLAY: "specs"\n',
)
GIVEN = (
    '#!/bin/bash\nif grep -q "Status: ready" "$REPORT"; then\n  echo "ready"\nfi\n',
    '\nINPUT: REPORT\nIF `grep -q "Status: ready" "[REPORT]"` succeeds:\n  DISPLAY: "ready"\n',
)


@pytest.mark.parametrize(
    "pair", [EXISTS, FILLED, CONTENT, PATTERN, FOLDER, WRITTEN, APPENDED, NAMED, EACH, FOUND, GIVEN]
)
def test_a_faithful_rewrite_is_proved(lab: Lab, pair: tuple[str, str]) -> None:
    proof = prove(lab, *pair)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


@pytest.mark.parametrize(
    ("pair", "right", "wrong"),
    [
        (EXISTS, "does not exist", "exists"),
        (EXISTS, 'file "docs/plan.md" does not exist', 'file "docs/plan.md" is empty'),
        (FILLED, 'file "docs/plan.md" is not empty', 'file "docs/plan.md" exists'),
        (CONTENT, 'is "fast"', 'is not "fast"'),
        (CONTENT, "AS MODE", 'AS MODE, or "fast" if it fails'),
        (PATTERN, 'IF file "[NOTE]" exists:', "IF NOTE is not empty:"),
        (FOLDER, '"~/.cache/it"', '"~/.cache"'),
        (WRITTEN, '= "done"', '= "over"'),
        (APPENDED, "APPEND", "WRITE"),
        (NAMED, "[DIR]/plan.md", "specs/plan.md"),
        (EACH, '"one.md", "two.md"', '"one.md"'),
        (EACH, "does not exist", "is empty"),
        (GIVEN, "Status: ready", "Status: open"),
    ],
)
def test_a_wrong_rewrite_is_refuted(lab: Lab, pair: tuple[str, str], right: str, wrong: str) -> None:
    script, logic = pair
    assert right in logic
    assert prove(lab, script, logic.replace(right, wrong)).verdict is Verdict.REFUTED


def test_what_is_searched_for_in_a_file_stands_in_one_scenario(lab: Lab) -> None:
    script = '#!/bin/bash\nif grep -qE "^v[0-9]+" VERSION; then\n  echo "released"\nfi\n'
    logic = "\nIF `grep -qE '^v[0-9]+' VERSION` succeeds:\n  DISPLAY: \"released\"\n"
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert any("v0" in row.scenario.name for row in proof.scenarios)


def test_words_of_options_are_no_files() -> None:
    text = (
        'jq -n --arg name "$N" --arg other "$O" \'{name: $name, other: $other}\'\n'
        "cut -d , -f 2 | head -n 3 | sort -k 2 | grep -e one\nsed -n s/a/b/p\nawk -F : '{print $1}'\n"
    )
    assert Places([], [text], ()).dimensions() == []
    named = (
        'grep -q one VERSION\ncat notes\njq . data/a.json\nsed -n 1p ./b.txt\nhead -1 ~/c.md /etc/passwd ../d "$X"\n'
    )
    names = [dimension.name for dimension in Places([], [named], ()).dimensions()]
    assert names == ["file VERSION", "file notes", "file data/a.json", "file b.txt", "file ~/c.md"]


def test_a_script_of_the_step_is_no_file_of_a_scenario() -> None:
    assert Places([], ["[ -f scripts/it.sh ] || exit 1\n"], ["scripts/it.sh"]).dimensions() == []


def test_a_path_that_is_asked_for_as_file_and_as_folder_is_each_in_turn(lab: Lab) -> None:
    script = (
        '#!/bin/bash\nif [ -f docs ]; then\n  echo "file"\nelif [ -d docs ]; then\n  echo "folder"\nelse\n'
        '  echo "nothing"\nfi\ngrep -q one docs/index.md && echo "indexed"\n'
    )
    logic = (
        '\nIF file "docs" exists:\n  DISPLAY: "file"\nELSE IF folder "docs" exists:\n  DISPLAY: "folder"\n'
        'ELSE:\n  DISPLAY: "nothing"\nIF `grep -q one docs/index.md` succeeds:\n  DISPLAY: "indexed"\n'
        "ELSE:\n  STOP execution\n"
    )
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert {"docs is a file", "docs/ missing"} <= {given for row in proof.scenarios for given in row.scenario.given}


def test_a_default_in_a_path_stands_beside_what_the_name_holds() -> None:
    names = [dimension.name for dimension in Places([], ['cat "${Z:-c}.md"\n'], (), {"Z": "z"}).dimensions()]
    assert names == ["file z.md", "file c.md"]


def test_find_asks_for_the_files_of_its_folders() -> None:
    text = 'find docs specs -type f -name "*.md" -newer x\nfind src\nfind -name y\nfind "$(pwd)" -name "z*"\n'
    names = [dimension.name for dimension in Places([], [text], ()).dimensions()]
    assert names == ["files docs/*.md", "files specs/*.md", "files src/*"]


def test_names_that_turn_up_in_a_run_make_no_place() -> None:
    text = 'FILE=$(cat list.txt)\ncat "$FILE"\nfor X in a "$FILE"; do cat "$X"; done\ncat "${Z%c}"\n'
    assert [dimension.name for dimension in Places([], [text], (), {"Z": "z"}).dimensions()] == ["file list.txt"]


def test_a_name_that_is_set_twice_stands_for_both() -> None:
    text = 'DIR=docs\nif [ ! -d "$DIR" ]; then\n  DIR=notes\nfi\ncat "$DIR/plan.md"\n'
    names = {dimension.name for dimension in Places([], [text], ()).dimensions()}
    assert names == {"folder docs", "folder notes", "file docs/plan.md", "file notes/plan.md"}


def test_what_a_listing_gives_is_known() -> None:
    text = (
        'DIR=$(ls -td specs/[0-9]*-* 2>/dev/null | head -1)\n[ -f "$DIR/plan.md" ] && cat "$(find "$DIR" -name x.md)"\n'
    )
    names = [dimension.name for dimension in Places([], [text], ()).dimensions()]
    assert any(name.startswith("file specs/0one-/plan.md") for name in names), names


def test_a_folder_that_is_listed_holds_what_is_looked_for(lab: Lab) -> None:
    script = '#!/bin/bash\nls visuals | grep -E "\\.(png|svg)$" || echo "none"\n'
    logic = "\nRUN: `ls visuals | grep -E '\\.(png|svg)$'`\nIF command fails:\n  DISPLAY: \"none\"\n"
    assert prove(lab, script, logic).verdict is Verdict.PROVED
    assert prove(lab, script, logic.replace("png", "pdf")).verdict is Verdict.REFUTED


def test_a_script_with_many_names_has_a_bounded_number_of_places() -> None:
    words = " ".join(f"w{at}" for at in range(40))
    text = f'for A in {words}; do for B in {words}; do cat "$A/$B"; done; done\n'
    assert len(Places([], [text], ()).dimensions()) <= 20


def test_a_path_below_an_empty_input_leads_nowhere_on_both_sides(lab: Lab) -> None:
    script = (
        '#!/bin/bash\nif [ -f "$BASE/$SLUG/plan.md" ]; then\n  echo "planned"\nelse\n  echo "no plan"\nfi\n'
        'for each in "$BASE"/*-notes.md; do\n  echo "$each"\ndone\n'
    )
    logic = (
        '\nINPUT: BASE\nINPUT: SLUG\nIF file "[BASE]/[SLUG]/plan.md" exists:\n  DISPLAY: "planned"\nELSE:\n'
        '  DISPLAY: "no plan"\nFOR EACH NAME in files matching "[BASE]/*-notes.md":\n  DISPLAY: "[NAME]"\n'
    )
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.repairs) == (Verdict.WITH_EXCEPTIONS, ("unmatched-glob",)), proof.reason
    assert any('BASE is ""' in given for row in proof.scenarios for given in row.scenario.given)


def test_the_home_may_be_named_in_full(lab: Lab) -> None:
    script = '#!/bin/bash\nif [ -d "$HOME/.cache/it" ]; then\n  echo "cached"\nelse\n  echo "not cached"\nfi\n'
    logic = '\nINPUT: HOME\nIF folder "[HOME]/.cache/it" exists:\n  DISPLAY: "cached"\nELSE:\n  DISPLAY: "not cached"\n'
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_a_file_that_find_comes_upon_holds_what_it_is_searched_for(lab: Lab) -> None:
    script = (
        '#!/bin/bash\nif [ -f one.json ]; then\n  P="one"\nelif [ -f two.json ] || [ -f two.toml ]; then\n  P="two"\n'
        'elif [ -d ci ]; then\n  F=$(find ci -name "*deploy*" -type f | head -1)\n'
        '  if grep -q three "$F"; then\n    P="three"\n  elif grep -q four "$F"; then\n    P="four"\n  fi\nfi\n'
        'echo "is $P"\n'
    )
    logic = (
        '\n  SET: P = ""\n  IF file "one.json" exists:\n    SET: P = "one"\n'
        '  ELSE IF file "two.json" exists OR file "two.toml" exists:\n    SET: P = "two"\n'
        '  ELSE IF folder "ci" exists:\n    RUN: `find ci -name "*deploy*" -type f | head -1` AS F\n'
        '    IF `grep -q three "[F]"` succeeds:\n      SET: P = "three"\n'
        '    ELSE IF `grep -q four "[F]"` succeeds:\n      SET: P = "four"\n  DISPLAY: "is [P]"\n'
    )
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert not any("not installed" in row.scenario.name for row in proof.scenarios)
    assert prove(lab, script, logic.replace("q four", "q five")).verdict is Verdict.REFUTED


def test_a_file_of_a_loop_holds_what_a_pipeline_over_it_has_to_give(lab: Lab) -> None:
    script = (
        "#!/bin/bash\nfor TASK in tasks/[0-9]*.md; do\n  N=$(grep '^github:' \"$TASK\" | grep -oE '[0-9]+$')\n"
        '  if [ -n "$N" ]; then\n    gh issue close "$N"\n  fi\ndone\necho "done"\n'
    )
    logic = (
        '\n  FOR EACH TASK in files matching "tasks/[0-9]*.md":\n'
        '    RUN: `grep "^github:" "[TASK]" | grep -oE \'[0-9]+$\'` AS N, errors hidden, ignoring failure\n'
        '    IF N is not empty:\n      RUN: `gh issue close "[N]"`, ignoring failure\n  DISPLAY: "done"\n'
    )
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert any("gh issue close" in action.key for row in proof.scenarios for action in row.original.effects)
    assert prove(lab, script, logic.replace("issue close", "issue view")).verdict is Verdict.REFUTED

"""On the host nothing of this machine, and nothing of the run before, gets into a proof; it runs wherever bash does."""

from __future__ import annotations

import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from peerlint.process.bash import parse_bash
from peerlint.prove.host import NotOnHost, TempName, Temporary, check_paths, temp_names
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.run.sandbox import ExecutionMode
from tests.prove.test_proof import legacy, migrated

#: A name that nobody else has in `/tmp`.
NAME = f"peerlint-host-test-{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def host() -> Iterator[Lab]:
    with Lab(ExecutionMode.HOST, workers=2) as opened:
        yield opened


@pytest.fixture
def mine() -> Iterator[Path]:
    """A path in `/tmp` that a test may use."""
    path = Path("/tmp", f"{NAME}-{uuid.uuid4().hex}.txt")
    yield path
    path.unlink(missing_ok=True)


def proof(host: Lab, script: str, logic: str) -> StepProof:
    return prove_process(legacy(script), migrated(logic), host)[0]


THROUGH_A_FILE = """#!/bin/bash
if ! nats kv get app-state word --raw > FILE 2>/dev/null; then
  echo "there is no word"
  exit 1
fi
WORD=$(cat FILE)
if [ "$WORD" = "stop" ]; then
  echo "asked to stop"
  exit 1
fi
nats kv put app-state seen "$WORD" > /dev/null 2>&1 || exit 1
echo "seen: $WORD"
"""

WITHOUT_A_FILE = """
  READ: word from app-state AS WORD
  IF key is not available:
    ERROR: "there is no word"
    STOP execution
  IF WORD is "stop":
    ERROR: "asked to stop"
    STOP execution
  STORE: seen in app-state = WORD
  IF storing fails:
    STOP execution
  DISPLAY: "seen: [WORD]"
"""


def test_two_workers_do_not_meet_in_a_temporary_file(host: Lab, mine: Path) -> None:
    """Seen as a refutation: both labs wrote to the one /tmp that the machine has."""
    found = proof(host, THROUGH_A_FILE.replace("FILE", str(mine)), WITHOUT_A_FILE)
    assert (found.verdict, found.reason) == (Verdict.PROVED, "")
    assert not mine.exists()


def test_a_file_of_the_user_is_not_touched(host: Lab, mine: Path) -> None:
    mine.write_text("precious")
    found = proof(host, THROUGH_A_FILE.replace("FILE", str(mine)), WITHOUT_A_FILE)
    assert (found.verdict, mine.read_text()) == (Verdict.UNKNOWN, "precious")
    assert found.reason.startswith(f"{mine} is there already") and "move it away" in found.reason


def test_what_is_made_up_from_a_name_goes_too(host: Lab, mine: Path) -> None:
    script = THROUGH_A_FILE.replace("#!/bin/bash\n", f"#!/bin/bash\nKEPT={mine}\n").replace("FILE", '"$KEPT.new"')
    found = proof(host, script, WITHOUT_A_FILE)
    assert (found.verdict, found.reason) == (Verdict.PROVED, "")
    assert not Path(f"{mine}.new").exists()


def test_the_folders_of_a_scene_have_the_names_that_they_have_in_the_sandbox(host: Lab) -> None:
    script = '#!/bin/bash\nnats kv put app-state place "$PWD ${#HOME}" > /dev/null 2>&1 || exit 1\necho "in $HOME"\n'
    logic = """
  STORE: place in app-state = "[PWD] {length}"
  IF storing fails:
    STOP execution
  DISPLAY: "in [HOME]"
"""
    found = proof(host, script.replace(" ${#HOME}", ""), logic.replace(" {length}", ""))
    assert (found.verdict, found.reason) == (Verdict.PROVED, "")
    assert found.scenarios[0].original.messages == ("in /home/user",)
    assert found.scenarios[0].original.state["app-state"]["place"].rstrip() == "/work"


def test_a_temporary_file_of_mktemp_is_made_in_the_scene(host: Lab) -> None:
    before = set(Path("/tmp").glob("tmp.0*"))
    script = THROUGH_A_FILE.replace("#!/bin/bash\n", "#!/bin/bash\nKEPT=$(mktemp)\n").replace("FILE", '"$KEPT"')
    found = proof(host, script, WITHOUT_A_FILE)
    assert (found.verdict, found.reason) == (Verdict.PROVED, "")
    assert set(Path("/tmp").glob("tmp.0*")) == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cd /tmp && ls", "it works in /tmp itself"),
        ('echo "$1" > "/tmp/$NAME"', "it works in /tmp itself"),
        ('cat "${TMPDIR:-/tmp}/word"', "it works in /tmp itself"),
        ("cat /etc/passwd", "it names /etc/passwd"),
        ('echo x > "/var/log/$NAME"', "it names /var/log"),
        ("CONFIG=/etc/passwd", "it names /etc/passwd"),
        ("/usr/bin/env -i python3", None),
        ("[[ -f /etc/hostname ]] || exit 1", "it names /etc/hostname"),
        ('echo "look into /etc/passwd" > /dev/null', None),
        ("cat ./tmp/x var/tmp/x ~/tmp/x", None),
        ("sed -n '/etc/p' file", None),
        ("cat /etc/no-such-file < /etc/nor-this; [ -f /etc/no-such-file ]", None),
        ("echo x > /etc/no-such-file", "it names /etc/no-such-file"),
        ("touch /etc/no-such-file", "it names /etc/no-such-file"),
        ("# cat /etc/passwd, in /tmp", None),
    ],
)
def test_what_only_a_wall_can_keep_apart_is_not_run(line: str, said: str | None) -> None:
    def look() -> None:
        temp_names([line])
        check_paths([parse_bash(line)], ("env", "cat"), ())

    if said is None:
        look()
        return
    with pytest.raises(NotOnHost) as caught:
        look()
    assert str(caught.value).startswith(said) and "where there is a sandbox" in str(caught.value)


def test_a_step_that_cannot_run_there_is_unknown(host: Lab) -> None:
    found = proof(host, "#!/bin/bash\ncat /etc/passwd > /dev/null || exit 1\necho done\n", '\n  DISPLAY: "done"\n')
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == "it names /etc/passwd, which is this machine's own: prove it where there is a sandbox"


def test_names_are_read_as_far_as_they_are_written_down() -> None:
    text = 'cat /tmp/a.txt "/tmp/b-$X.txt" /tmp/c/$X /tmp/d"$X" > /tmp/e\nX=/var/tmp/f; ls $R/tmp/g\n'
    whole = {TempName(name) for name in ("a.txt", "c", "e")}
    assert temp_names([text]) == whole | {TempName("b-", open=True), TempName("d", open=True)}


def test_one_run_at_a_time_has_names_in_tmp(mine: Path) -> None:
    """Two proofs wait for each other, in whatever process they are."""
    order: list[str] = []
    names = Temporary(frozenset({TempName(mine.name)}))

    def other() -> None:
        with names.alone():
            order.append("other")

    with names.alone():
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.1)
        mine.write_text("mine")
        order.append("first")
    thread.join()
    assert order == ["first", "other"]
    assert not mine.exists()


def test_a_name_with_an_open_end_spares_what_was_there(mine: Path) -> None:
    mine.write_text("precious")
    with pytest.raises(NotOnHost, match="is there already"), Temporary(frozenset({TempName(NAME, open=True)})).alone():
        raise AssertionError("it must not begin")
    assert mine.read_text() == "precious"


def test_a_folder_of_the_user_is_not_touched(host: Lab) -> None:
    with tempfile.TemporaryDirectory(prefix="peerlint-host-test-", dir="/tmp") as folder:
        found = proof(host, THROUGH_A_FILE.replace("FILE", f"{folder}/word"), WITHOUT_A_FILE)
    assert (found.verdict, "is there already" in found.reason) == (Verdict.UNKNOWN, True)

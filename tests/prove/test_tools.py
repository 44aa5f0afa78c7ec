"""The bundled tools against what the real ones were seen to do, through real bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from peerlint.prove.lab import Lab
from peerlint.run.sandbox import Limits

#: Command line, exit status, stdout, stderr; run in this order, each as the real tool (v0.4.0) was seen to answer.
RECORDED = [
    ("kv ls", 0, "No Key-Value buckets found\n", ""),
    ("kv ls --names", 0, "", ""),
    ("kv info b", 1, "", "nats: error: nats: bucket not found\n"),
    ("kv get b k --raw", 1, "", "nats: error: nats: bucket not found\n"),
    ("kv put b k v", 1, "", "nats: error: nats: bucket not found\n"),
    ("kv ls b", 1, "", "nats: error: unable to load bucket: nats: bucket not found\n"),
    (
        "kv del b -f",
        1,
        "",
        "nats: error: nats: bucket not found: b\n"
        "nats: API error: code=404 err_code=10059 description=stream not found\n",
    ),
    ("kv add 'b d'", 1, "", "nats: error: nats: invalid bucket name\n"),
    ("kv add b --history=65", 1, "", "nats: error: history: must be less than or equal to 64\n"),
    ("kv add b --history=0", 1, "", "nats: error: history: must be greater than or equal to 1\n"),
    ("kv add b --history=50 --description='State of it'", 0, None, ""),
    ("kv add b --history=50 --description='State of it'", 0, None, ""),
    (
        "kv add b --history=5",
        1,
        "",
        "nats: error: nats: bucket name already in use: b\n"
        "nats: API error: code=400 err_code=10058 description=stream name already in use\n",
    ),
    ("kv ls --names", 0, "b\n", ""),
    ("kv ls b", 0, "No keys found in bucket\n", ""),
    ("kv get b k", 1, "", "nats: error: nats: key not found\n"),
    ("kv get b cycle:current", 1, "", "nats: error: nats: invalid key\n"),
    ("kv put b cycle:current 5", 1, "", "nats: error: nats: invalid key\n"),
    ("kv put b k v1", 0, "v1\n", ""),
    ("kv put b k 'v2 x'", 0, "v2 x\n", ""),
    ("kv get b k --raw", 0, "v2 x", ""),
    ("kv get b k --raw --revision=1", 0, "v1", ""),
    (
        "kv create b k z",
        1,
        "",
        "nats: error: nats: nats: API error: code=400 err_code=10071 description=wrong last sequence: 2: key exists\n",
    ),
    (
        "kv update b k z 1",
        1,
        "",
        "nats: error: nats: nats: API error: code=400 err_code=10071 description=wrong last sequence: 2\n",
    ),
    ("kv update b k zz 2", 0, "zz\n", ""),
    ("kv create b new 1", 0, "1\n", ""),
    ("kv del b new --force", 0, "", ""),
    ("kv get b new", 1, "", "nats: error: nats: key not found\n"),
    ("kv create b new 2", 0, "2\n", ""),
    ("kv del b new", 1, "", "nats: error: cannot ask for confirmation without a terminal\n"),
    ("kv update b other v 0", 0, "v\n", ""),
    ("kv history b nothing", 1, "", "nats: error: nats: key not found\n"),
]


def run(lab: Lab, folder: Path, code: str) -> str:
    for name in ("work", "home"):
        (folder / name).mkdir(exist_ok=True)
    ended, said = lab.run(code, folder, {}, Limits(seconds=20))
    assert ended is not None, said
    return said


def test_the_bundled_nats_answers_as_the_real_one(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin"})
    lines = [f"nats {line} >out{at} 2>err{at}; echo $? >code{at}" for at, (line, *_) in enumerate(RECORDED)]
    run(lab, tmp_path, "\n".join(lines))
    work = tmp_path / "work"
    for at, (line, code, out, err) in enumerate(RECORDED):
        assert (line, (work / f"code{at}").read_text()) == (line, f"{code}\n")
        assert (line, (work / f"err{at}").read_text()) == (line, err)
        if out is not None:
            assert (line, (work / f"out{at}").read_text()) == (line, out)


@pytest.mark.real_nats
@pytest.mark.skipif(shutil.which("nats") is None, reason="the real nats tool is not on PATH")
def test_the_real_nats_answers_as_it_was_recorded(tmp_path: Path) -> None:
    from peerlint.run.server import EmbeddedServer

    with EmbeddedServer() as server:
        environment = {
            "PATH": os.environ["PATH"],
            "XDG_CONFIG_HOME": str(tmp_path),
            "NATS_URL": server.urls[0],
            "NATS_USER": server.token,
        }
        for line, code, out, err in RECORDED:
            done = subprocess.run(
                ["bash", "-c", f"nats {line}"],
                env=environment,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            assert (line, done.returncode, done.stderr.strip()) == (line, code, err.strip())
            assert out is None or done.stdout == out


def test_the_plain_get_shows_the_revision_where_scripts_look_for_it(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin", "buckets": {"b": {}}})
    said = run(lab, tmp_path, "nats kv put b k v >/dev/null; echo \"$(nats kv get b k | grep -o 'revision: [0-9]*')\"")
    assert said == "revision: 1\n"


def test_a_bucket_that_is_deleted_and_made_again_is_empty(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin"})
    once = "nats kv add b; nats kv put b k v; nats kv del b -f; nats kv add b"
    said = run(lab, tmp_path, f"for i in $(seq 40); do {{ {once}; }} >/dev/null; nats kv ls b; nats kv del b -f; done")
    assert set(said.splitlines()) == set()
    assert [call["stdout"] for call in lab.order({"do": "end"})["calls"] if call["operation"] == "kv keys"] == [
        "No keys found in bucket\n"
    ] * 40


def test_bucket_info_has_the_labels_that_scripts_grep(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin"})
    run(lab, tmp_path, "nats kv add b --history=50 --replicas=3 >/dev/null; nats kv info b >info")
    info = (tmp_path / "work" / "info").read_text()
    assert re.search(r"^ +History Kept: 50$", info, re.MULTILINE)
    assert len(re.findall(r"^ +Replica: ", info, re.MULTILINE)) == 2


def test_what_tools_chat_does_not_count_but_what_the_script_writes_does(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin", "buckets": {"b": {}}})
    said = run(
        lab,
        tmp_path,
        'echo one; nats kv put b k v; nats kv get b gone; grep x nowhere; echo "two: $(nats kv get b k --raw)" >&2',
    )
    assert said == "one\ntwo: v\n"


def test_what_finders_complain_about_does_not_count_but_what_they_start_may_speak(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin"})
    assert run(lab, tmp_path, "find nowhere -name x; timeout 5 ls nowhere; echo done") == "done\n"
    assert run(lab, tmp_path, "find . -maxdepth 0 -exec sh -c 'echo told >&2' \\;") == "told\n"
    assert run(lab, tmp_path, "echo ' a  b ' | xargs; echo c | xargs sh -c 'echo $0 >&2'") == "a b\nc\n"


def test_a_time_limit_ends_nothing_that_would_have_ended_by_itself(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin"})
    slow = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo ended"
    assert run(lab, tmp_path, f"timeout 0.01 bash -c '{slow}' || echo late") == "ended\n"
    assert run(lab, tmp_path, "timeout -k 1 0.01s nats kv ls >/dev/null && echo listed") == "listed\n"
    assert run(lab, tmp_path, "timeout 5 ls nowhere; timeout soon echo x; echo $?") == "125\n"


def test_input_comes_as_it_is_but_for_nuls_which_no_shell_can_hold(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin", "buckets": {"b": {}}})
    code = "printf 'a\\0ä ✅\\n\\n' | nats kv put b k; nats kv get b k --raw"
    assert run(lab, tmp_path, f"{code} | od -An -c | tr -s ' '") == " a 303 244 342 234 205 \\n \\n\n"
    assert run(lab, tmp_path, "head -c 200000 /dev/zero | tr '\\0' x | jq -R length") == "200000\n"


def test_every_call_is_recorded_with_what_it_was_given(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin", "buckets": {"b": {}}})
    with lab.toolbox.holding(frozenset({"gh"}), frozenset()):
        run(lab, tmp_path, "peerlint-live; echo v | nats kv put b k; echo body | gh issue create --body-file -")
    calls = lab.order({"do": "end"})["calls"]
    assert [(c["tool"], c["operation"], c["key"], c["stdin"]) for c in calls] == [
        ("nats", "kv put", "k", "v\n"),
        ("gh", "", "", "body\n"),
    ]


def test_faults_strike_the_call_that_they_name_and_the_server_stays_away(lab: Lab, tmp_path: Path) -> None:
    fault = {"kind": "server away", "operation": "kv get", "bucket": "b", "key": "k", "nth": 2}
    lab.order({"do": "begin", "buckets": {"b": {"entries": {}}}, "faults": [fault]})
    said = run(
        lab,
        tmp_path,
        "peerlint-live; nats kv put b k v; nats kv get b k >/dev/null && echo first\n"
        "nats kv get b k || echo second; nats kv ls || echo third",
    )
    assert said == "first\nsecond\nthird\n"


@pytest.mark.parametrize(
    ("line", "code", "out"),
    [
        ("echo '{\"a\": {\"b\": 1}}' | jq -r '.a.b'", 0, "1\n"),
        ("echo '{\"a\": 1}' | jq -c '.b = \"x\"'", 0, '{"a":1,"b":"x"}\n'),
        ("echo '{\"a\": [1]}' | jq .", 0, '{\n  "a": [\n    1\n  ]\n}\n'),
        ("jq -n --arg x 'a \"b\"' '{x: $x}' -c", 0, '{"x":"a \\"b\\""}\n'),
        ("echo '[1,2]' | jq -e '.[5]'", 1, "null\n"),
        ("echo '{}' | jq '.a |'", 3, ""),
        ("echo '{}' >f; jq -r '.a // \"none\"' f", 0, "none\n"),
        ("jq . nowhere", 2, ""),
        ("echo '\"text\"' | jq '. + 1'", 5, ""),
    ],
)
def test_jq_answers_as_the_command_line_tool(lab: Lab, tmp_path: Path, line: str, code: int, out: str) -> None:
    lab.order({"do": "begin"})
    assert run(lab, tmp_path, f"{line}\necho $?") == f"{out}{code}\n"


def test_a_filter_cannot_read_the_environment(lab: Lab, tmp_path: Path) -> None:
    lab.order({"do": "begin"})
    assert run(lab, tmp_path, "jq -n 'env' || echo refused; jq -n '$ENV' || echo refused") == "refused\nrefused\n"
    assert run(lab, tmp_path, "echo '{\"env\": 1}' | jq .env") == "1\n"


def test_time_and_temporary_names_are_always_the_same(lab: Lab, tmp_path: Path) -> None:
    code = "date -u +%Y-%m-%dT%H:%M:%SZ; date +%s; mktemp; uuidgen; hostname"
    seen = []
    for _ in range(2):
        lab.order({"do": "begin"})
        seen.append(run(lab, tmp_path, code))
    assert seen[0] == seen[1]
    assert seen[0].startswith("2026-01-02T03:04:05Z\n1767323045\n/tmp/tmp.")


def test_nobody_waits_and_what_sleep_refuses_is_refused(lab: Lab, tmp_path: Path) -> None:
    started = time.monotonic()
    said = run(lab, tmp_path, "sleep 300 && sleep 1.5h 2m && echo slept\nsleep ten || sleep || echo refused\n")
    assert said.split() == ["slept", "refused"]
    assert time.monotonic() - started < 20

"""Calls of scripts in the words that people use, against labels made by hand in fixtures/calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from peerlint.lint.engine import lint
from peerlint.lint.rules import LintSettings, all_rules
from peerlint.process.build import build
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

LABELLED = YAML(typ="safe").load((Path(__file__).parents[2] / "fixtures" / "calls" / "labelled.yaml").read_text())


@pytest.mark.parametrize("case", LABELLED, ids=[case["path"] for case in LABELLED])
def test_a_call_is_found_and_a_mention_is_not(case: dict[str, Any]) -> None:
    document = parse(SourceText(case["path"], case["text"]))
    reading = build(document, kind_of(case["path"], document))
    found = [d.message for d in lint(reading, LintSettings((all_rules()["PL101"],)))]
    wanted = "" if case.get("missed") else case.get("calls", "")

    assert len(found) == bool(wanted)
    assert all(wanted in message for message in found)


#: Sentences that tell to run a script, written before the tool saw them.
ORDERS = (
    "Run the validator: `python tools/validate.py`.",
    "First, execute the script at `scripts/prepare.sh`.",
    "After that, kick off `./scripts/build-all.sh`.",
    "Use `bash scripts/fetch.sh` to get the data.",
    "To get the list, run scripts/list.py.",
    "- Execute: `node scripts/gen.js`",
    "Next step is to call `scripts/notify.py`.",
    "Let's run `./scripts/setup.sh` now.",
    "Invoke the helper script (`.claude/scripts/h.sh`) with the branch.",
    "You should then run `.claude/scripts/check.sh --fast`.",
    "Re-run `scripts/test.sh` until it passes.",
    "**Always** run `scripts/lint.sh` before you commit.",
    "Run the following: `scripts/a.sh`, `scripts/b.sh`.",
    "Make sure to run `scripts/db.py migrate`.",
    "Check the links by running `python scripts/links.py docs/`.",
    "Call `scripts/x.sh` once per file.",
    "Execute the migration script: scripts/migrate.sh",
)
#: The same, found where all is a procedure, and not in pages that are looked up.
ORDERS_IN_PROCEDURES = (
    "Finally: `./scripts/publish.sh v1`",
    "Once that is done, `scripts/clean.sh` must be executed.",
    "Start `./scripts/server.sh` in the background.",
    "Capture the output of `./scripts/version.sh`.",
    "Trigger `scripts/deploy.sh` with the tag.",
    "Verify the setup with `scripts/verify.sh`.",
    "Then launch `npx ts-node scripts/seed.ts`.",
)
#: Sentences that only speak of a script.
MENTIONS = (
    "The hook runs `scripts/hook.sh` on each commit.",
    "`scripts/build.sh` builds the image; CI calls it.",
    "Look into `scripts/run.sh` for the details.",
    "Do not run `scripts/old.sh`.",
    "Edit `scripts/run.sh` so that it prints the version.",
    "The tests of `scripts/a.py` are in `tests/a.py`.",
    "Ask the user whether `scripts/setup.sh` was run.",
    "Add a call of `scripts/x.sh` to the Makefile.",
    "Remove `scripts/legacy.sh`.",
    "Review `scripts/deploy.sh` for errors.",
    "Users can run `./install.sh` to install it.",
    "If `scripts/a.sh` is missing, tell the user.",
    "Copy `scripts/a.sh` to `bin/`.",
    "It was written to replace `scripts/a.sh`.",
    "Rename `scripts/run.sh` to `scripts/start.sh`.",
    "Start with the first file. `scripts/a.sh` is the last.",
    "Compare the list with `scripts/a.sh`.",
    "Verify that the tests pass, and look at the report with care. `scripts/a.sh` prints it.",
)
STEP = "---\ndescription: x\n---\n\n## Step 1: A\n\n{0}\n\n## Step 2: B\n\nGo on.\n"
PAGE = "---\nname: a\ndescription: x\n---\n\n# A\n\n{0}\n"
PLACES = {
    ".claude/commands/a.md": STEP,
    ".agent-os/instructions/core/a.md": '<step number="1" name="a">\n\n{0}\n\n</step>\n',
    ".claude/skills/a/SKILL.md": PAGE,
    "AGENTS.md": "# A\n\n## Releases\n\n{0}\n",
    ".cursor/rules/a.mdc": PAGE,
}
PROCEDURES = [path for path in PLACES if path.startswith((".claude/commands", ".agent-os"))]


def scripts_found(path: str, sentence: str) -> int:
    document = parse(SourceText(path, PLACES[path].format(sentence)))
    return len(lint(build(document, kind_of(path, document)), LintSettings((all_rules()["PL101"],))))


@pytest.mark.parametrize("path", PLACES)
def test_an_order_in_a_sentence_is_a_call_and_a_mention_is_none(path: str) -> None:
    orders = (*ORDERS, *ORDERS_IN_PROCEDURES) if path in PROCEDURES else ORDERS

    assert [sentence for sentence in orders if not scripts_found(path, sentence)] == []
    assert [sentence for sentence in MENTIONS if scripts_found(path, sentence)] == []

"""The cache says what a fresh look would say, whatever has changed, and only its owner can put anything into it."""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import peerlint as peerlint_package
from peerlint.cli.cache import Cache
from peerlint.cli.checker import Checker, Options
from peerlint.cli.common import Workspace
from peerlint.config import Config, user_cache_folder
from peerlint.errors import InputError
from peerlint.lint import engine
from peerlint.lint.diagnostics import Diagnostic
from peerlint.lint.rules import Profile
from peerlint.source.project import asked
from tests.command_line import peerlint

FILE = ".claude/commands/deploy.md"
OTHER = ".claude/commands/status.md"
PLAIN = ".claude/commands/plain.md"
SHARES = ".claude/commands/mode.md"
SCRIPT = ".claude/scripts/check.sh"
#: Files of a project whose findings ask it all that can be asked.
FILES = {
    FILE: """# Deploy

<step number="1" subagent="file-creator" name="health">

Use the Bash tool to run `.claude/scripts/check.sh` first, then `tools/other.sh`. Read @docs/setup.md.

```bash
bash .claude/scripts/check.sh
nats kv put peer-state cycle:current "$1"
```

</step>
""",
    OTHER: """# Status

<step number="1" subagent="runner" name="status">

```bash
bash .claude/scripts/gone.sh || exit 1
nats kv get peer-state cycle.status --raw
```

</step>

<step number="2" name="show">

<show_logic>
  IF the cycle was named:
    DISPLAY: "named"
</show_logic>

</step>
""",
    SCRIPT: "#!/bin/bash\nif [ ! -f /tmp/ready ]; then exit 1; fi\necho ok > /tmp/state.json\n",
    # This one asks nothing of its project.
    PLAIN: "1. Run:\n\n   ```bash\n   COUNT=1\n   ```\n\n2. Run:\n\n   ```bash\n   echo $COUNT || exit 1\n   ```\n",
    # A temp file of two steps, which can be migrated where nothing else takes it.
    SHARES: "1. Run:\n\n   ```bash\n   if [ -f fast ]; then\n     echo fast > /tmp/mode.txt\n   else\n"
    "     echo slow > /tmp/mode.txt\n   fi\n   ```\n\n2. Run:\n\n   ```bash\n   MODE=$(cat /tmp/mode.txt)\n"
    '   if [ "$MODE" = "slow" ]; then\n     echo "Slow"\n     exit 1\n   fi\n   ```\n',
    ".peerlint.yaml": "severity:\n  PL705: error\n",
    ".claude/agents/runner.md": "---\nname: runner\ndescription: Runs.\n---\nRun.\n",
    "docs/readme.md": "# Notes\n",
}
OPTIONS = Options(profile=Profile.PROVED, preview=True)


def change(path: str, text: str | None) -> Callable[[], None]:
    """A change that gives a file this text, or takes it away."""

    def changed() -> None:
        place = Path(path)
        place.unlink(missing_ok=True)
        if text is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")

    return changed


def make_link() -> None:
    """The script is a link to another file of the project."""
    change("tools/real.sh", "exit 3\n")()
    change(SCRIPT, None)()
    Path(SCRIPT).symlink_to(Path("tools/real.sh").absolute())


#: What may become of a project between two runs: each changes an answer, or must not matter.
CHANGES: dict[str, Callable[[], object]] = {
    "the file": change(FILE, FILES[FILE].replace("cycle:current", "cycle")),
    "plain file": change(PLAIN, "# Plain\n\nRun the tests.\n"),
    "the file as it was": change(FILE, FILES[FILE]),
    "the script": change(SCRIPT, "#!/bin/bash\necho fine\n"),
    "the script as it was": change(SCRIPT, FILES[SCRIPT]),
    "no script": change(SCRIPT, None),
    "script is a link": make_link,
    "script elsewhere": change("lib/scripts/check.sh", "exit 1\n"),
    "another elsewhere": change("src/.claude/scripts/check.sh", "exit 4\n"),
    "the other script": change("tools/other.sh", "echo $? > /tmp/x; exit 1\n"),
    "the missing script": change(".claude/scripts/gone.sh", "exit 1\n"),
    "another subagent": change(".claude/agents/file-creator.md", "---\nname: file-creator\n---\nMake.\n"),
    "no subagent": change(".claude/agents/runner.md", None),
    "subagent of another name": change(".claude/agents/runner.md", "---\nname: file-creator\n---\nMake.\n"),
    "the page": change("docs/setup.md", "# Setup\n"),
    "no page": change("docs/setup.md", None),
    "key elsewhere": change("lib/put.sh", "nats kv put peer-state cycle:current 1\n"),
    "key in a text": change("docs/readme.md", "We use cycle:current, and more.\n"),
    "temp file elsewhere": change("lib/mode.sh", "cat /tmp/mode.txt\n"),
    "temp file of its own": change("lib/mode.sh", "echo slow > /tmp/mode.txt\ncat /tmp/mode.txt\n"),
    "certificate": change(f"{FILE}.proof.json", "{}\n"),
    "no certificate": change(f"{FILE}.proof.json", None),
    "ignored": change(".gitignore", "agents/\ndocs/\n"),
    "ignored scripts": change(".gitignore", "/.claude/scripts\n"),
    "nothing ignored": change(".gitignore", None),
    "config": change(".peerlint.yaml", "severity:\n  PL101: note\n  PL301: note\nignore: [PL601]\n"),
    "other config": change(".peerlint.yaml", "per-file-ignores:\n  'plain.md': [PL1, PL2, PL3]\n"),
    "no config": change(".peerlint.yaml", None),
    "own rule": change(".peerlint.yaml", "rules: [house]\n"),
    "own rules": change(
        "house/a.yaml",
        "id: HS001\nname: no-status\nsummary: No status.\nseverity: warning\nprofile: bugs\nselect: //step\n"
        "message: Say no more.\nhelp: Leave it out.\nexamples:\n  invalid: []\n  valid: []\n",
    ),
    "phrases": change(".peerlint.yaml", "phrases: [phrases.yaml]\n"),
    "own phrases": change("phrases.yaml", '"the cycle was named": "`test -f cycle` succeeds"\n'),
    "no phrases": change("phrases.yaml", None),
    "touched": lambda: os.utime(FILE),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder for caches."""
    place = tmp_path / "home" / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    return place


def write_project(root: Path) -> None:
    (root / ".git").mkdir(parents=True)
    for name, text in FILES.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


@pytest.fixture
def there(project: Path) -> Path:
    """The project, which is the working directory."""
    shutil.rmtree(project)
    write_project(project)
    os.chdir(project)
    return project


def look(root: Path | None) -> tuple[dict[str, tuple[Diagnostic, ...]], list[str], str]:
    """What is found now, and which rules were on; the complaint where the config is wrong. None: without a cache."""
    checker = Checker(Workspace(), OPTIONS)
    cache = checker.cache = Cache(root, user_cache_folder(Config())) if root is not None else None
    found = {}
    try:
        for path in checker.files([Path()]):
            source = checker.workspace.project(path).read(path)
            found[source.path] = checker.findings(path, source).diagnostics
    except InputError as error:
        return found, [], str(error)
    if cache is not None:
        cache.keep()
    return found, sorted(checker.rules), ""


def test_a_second_look_reads_and_lints_nothing(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = look(there)
    assert first == look(None)
    assert first[0][FILE]

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("it was linted again")

    monkeypatch.setattr(engine, "lint", fail)

    assert look(there) == first
    change(OTHER, None)()
    change(PLAIN, "# Deploy\n\nRun it.\n")()
    with pytest.raises(AssertionError, match="linted again"):
        look(there)


def test_the_project_of_these_tests_is_asked_all_there_is(there: Path) -> None:
    # Else a question that is not told apart would not show below.
    CHANGES["key elsewhere"]()
    project, checker = Workspace().project(there), Checker(Workspace(), OPTIONS)
    watched = asked.AskedProject(project)
    for path in checker.files([Path()]):
        checker._find(path, project.read(path), watched)
    assert {name for name, *_ in watched.answers} == asked._QUESTIONS.keys()


def test_what_reads_and_lints_opens_nothing_itself() -> None:
    # It can ask the project, which notes what it is asked, or nothing; own rules are a part of the config.
    package = Path(peerlint_package.__file__).parent
    folders = ("lint", "process", "migrate/lower", "migrate/rewrite", "source/document")
    modules = [file for folder in folders for file in (package / folder).rglob("*.py")]
    assert len(modules) > 100
    opening = {
        (file.relative_to(package).as_posix(), name)
        for file in modules
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _ways_to_files(node)
        if name != "pathlib.PurePosixPath"  # letters only
    }
    assert opening == {("lint/rules/load.py", "pathlib.Path")}


def _ways_to_files(node: ast.AST) -> Iterator[str]:
    """What a line takes that may open a file."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names if each.name in _OPENING)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{each.name}" for each in node.names if node.module in _OPENING)
    elif isinstance(node, ast.Name) and node.id == "open":
        yield "open"


_OPENING = ("os", "pathlib", "glob", "shutil", "tempfile", "subprocess", "socket", "mmap", "codecs")


@pytest.mark.parametrize("name", CHANGES)
def test_one_change(name: str, there: Path) -> None:
    look(there)
    CHANGES[name]()
    assert look(there) == look(None)
    assert look(there) == look(None)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(sorted(CHANGES)), min_size=2, max_size=8))
def test_any_changes(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(folder) / "project"
        write_project(root)
        patch.chdir(root)
        patch.setenv("XDG_CACHE_HOME", f"{folder}/cache")
        for name in names:
            look(root)
            CHANGES[name]()
            assert look(root) == look(None), name


def kept(home: Path) -> list[Path]:
    """The files of the cache."""
    return sorted((home / "peerlint").glob("*"))


def test_the_command_line_keeps_and_takes(there: Path, home: Path) -> None:
    fresh = peerlint("--no-cache", ".", cwd=there)
    assert kept(home) == []

    first, second = peerlint(".", cwd=there), peerlint(".", cwd=there)

    assert fresh == first == second
    assert first.code == 1
    assert len(kept(home)) == 1
    # Another folder calls the files otherwise.
    inside = peerlint(".", cwd=there / ".claude")
    assert inside == peerlint("--no-cache", ".", cwd=there / ".claude")
    assert "commands/deploy.md" in inside.out and ".claude/commands" not in inside.out


@pytest.mark.parametrize("form", ["sarif", "json", "html", "junit", "gitlab", "text"])
def test_each_report_is_the_same(there: Path, form: str) -> None:
    fresh = peerlint("--no-cache", "--output-format", form, ".", cwd=there)
    peerlint(".", cwd=there)
    assert peerlint("--output-format", form, ".", cwd=there) == fresh


def test_options_are_part_of_what_is_known(there: Path) -> None:
    for options in ([], ["--select", "PL2"], ["--profile", "bugs"], ["--harness", "persistent-shell"], []):
        assert peerlint(*options, ".", cwd=there) == peerlint("--no-cache", *options, ".", cwd=there)


def test_damage_costs_time_only(there: Path, home: Path) -> None:
    fresh = look(None)
    look(there)
    (file,) = kept(home)
    whole = file.read_bytes()
    for at in range(0, len(whole), 97):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        assert look(there) == fresh
        file.write_bytes(whole[:at])
        assert look(there) == fresh


def test_what_lies_in_the_project_is_not_believed(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A pull request could bring it: what it says of a file would hide what that file has.
    monkeypatch.setenv("XDG_CACHE_HOME", str(there / ".cache"))
    peerlint(".", cwd=there)
    assert not (there / ".cache").exists()
    (there / "link").symlink_to(there)
    monkeypatch.setenv("XDG_CACHE_HOME", str(there / "link"))
    peerlint(".", cwd=there)
    assert not (there / "peerlint").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system does not say who owns a folder")
def test_a_folder_that_others_write_into_is_not_used(there: Path, home: Path) -> None:
    peerlint(".", cwd=there)
    (file,) = kept(home)
    before = file.read_bytes()
    file.parent.chmod(0o777)
    change(FILE, "# Deploy\n\nRun it.\n")()
    peerlint(".", cwd=there)
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_done_without(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = peerlint(".", cwd=there)
    monkeypatch.setenv("XDG_CACHE_HOME", str(there / FILE))
    assert peerlint(".", cwd=there) == fresh


def test_the_user_may_name_the_folder(there: Path, tmp_path: Path) -> None:
    config = tmp_path / "own" / "peerlint" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"cache-dir: {tmp_path}/mine\n", encoding="utf-8")
    peerlint(".", cwd=there, env={"XDG_CONFIG_HOME": str(tmp_path / "own")})
    assert len(list((tmp_path / "mine").glob("*.findings"))) == 1


def test_code_that_is_worked_on_finds_anew(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = there.parent / "checkout" / "peerlint"
    (package / "lint").mkdir(parents=True)
    (package.parent / "pyproject.toml").touch()
    for name in ("__init__.py", "lint/rule.py"):
        (package / name).write_text("# a rule\n", encoding="utf-8")
    monkeypatch.setattr(peerlint_package, "__file__", str(package / "__init__.py"))
    monkeypatch.setattr(engine, "lint", calls := Counting(engine.lint))

    look(there)
    first = calls.number
    look(there)
    assert calls.number == first
    (package / "lint/rule.py").write_text("# another rule\n", encoding="utf-8")
    look(there)
    assert calls.number == 2 * first
    # In an archive nobody can tell what has changed.
    monkeypatch.setattr(peerlint_package, "__file__", str(package.parent / "pyproject.toml" / "peerlint/__init__.py"))
    look(there)
    look(there)
    assert calls.number == 4 * first


class Counting:
    """A function that counts how often it is called."""

    def __init__(self, function: Callable[..., list[Diagnostic]]) -> None:
        self.function = function
        self.number = 0

    def __call__(self, *given: object, **named: object) -> list[Diagnostic]:
        """What the function gives."""
        self.number += 1
        return self.function(*given, **named)


@pytest.mark.parametrize("named", ["'~nobody-here/cache'", "cache", "7"])
def test_a_folder_that_is_no_absolute_path_is_one_line(there: Path, tmp_path: Path, named: str) -> None:
    config = tmp_path / "named.yaml"
    config.write_text(f"cache-dir: {named}\n", encoding="utf-8")
    finished = peerlint("--config", config, FILE, cwd=there)
    assert finished.code == 2
    assert '"cache-dir" is no absolute path' in finished.complaint


@pytest.mark.parametrize("option", ["--no-cache", "--diff", "--add-ignore"])
def test_what_changes_files_or_wants_none_keeps_nothing(there: Path, home: Path, option: str) -> None:
    peerlint(option, FILE, cwd=there)
    assert kept(home) == []


def test_what_nobody_asked_for_in_a_month_is_removed(there: Path, home: Path) -> None:
    peerlint(".", cwd=there)
    (old,) = kept(home)
    os.utime(old, (0, 0))
    peerlint(".", cwd=there / ".claude")
    (new,) = kept(home)
    assert new != old


@pytest.fixture(autouse=True)
def back_home() -> Iterator[None]:
    """Leave the folder that is removed."""
    here = Path.cwd()
    yield
    os.chdir(here)

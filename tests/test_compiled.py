"""What is kept of an earlier run is what Python would compile, and its loss or damage changes no result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FILE = """# Deploy

<step number="1" name="health">

Run `~/.agent-os/scripts/check.sh` first.

```bash
if [ -f a.json ]; then exit 1; fi
nats kv put state key "$1"
```

</step>
"""

#: Compiles, in a process of its own, each pattern of the project and a method, and says what it had to compile anew.
ALL_PATTERNS = """
import gc, pkgutil, re, sys
from importlib import import_module
import peerlint
from peerlint import compiled, patterns
for module in pkgutil.walk_packages(peerlint.__path__, "peerlint."):
    if "shims" not in module.name and not module.name.endswith(("__main__", "filter_child")):
        import_module(module.name)
every = [each for each in gc.get_objects() if type(each) is patterns._Regex]
assert len(every) > 200
standard, anew = re.compile, []
re.compile = lambda *given: anew.append(given) or standard(*given)
ours = [compiled.expression(each.pattern, each.flags) for each in every]
re.compile = standard
print(len(anew), len(every))
for made, each in zip(ours, every):
    plain = standard(each.pattern, each.flags)
    assert made == plain, each.pattern
    assert (made.flags, made.groups, made.groupindex) == (plain.flags, plain.groups, plain.groupindex), each.pattern
named = compiled.expression("(?P<first>a)|(?P<second>b)", 0)
assert [found.lastgroup for found in named.finditer("ab")] == ["first", "second"]
names = {}
exec(compiled.code("def twice(number):\\n return number * 2"), names)
assert names["twice"](21) == 42
compiled.keep()
"""

#: Damages the kept file in many places and asks for what is in it each time.
DAMAGE = """
import importlib, pathlib, re
from peerlint import compiled
texts = [("(?P<name>[a-z]+)=(?:yes|no)", re.IGNORECASE), ("^# (.*)$", re.MULTILINE), ("[\\u0100-\\u0200x]+", 0)]
source = "def answer():\\n return 42"
def ask():
    importlib.reload(compiled)
    for text, flags in texts:
        assert compiled.expression(text, flags) == re.compile(text, flags)
    names = {}
    exec(compiled.code(source), names)
    assert names["answer"]() == 42
ask()
compiled.keep()
kept = pathlib.Path(compiled.__spec__.cached).with_suffix(".kept")
whole = kept.read_bytes()
ask()
assert not compiled._new_expressions and not compiled._new_code, "all of it was kept"
for at in range(len(whole)):
    kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1:])
    ask()
    kept.write_bytes(whole[:at])
    ask()
compiled.keep()
ask()
assert not compiled._new_expressions and not compiled._new_code, "what is damaged is written anew"
kept.unlink()
kept.mkdir()
ask()
compiled.keep()
assert [each for each in kept.parent.iterdir() if each.name.startswith(kept.name)] == [kept]
"""


def _python(program: str, prefix: Path, **variables: str) -> str:
    return _run(["-c", program], prefix, **variables).stdout


def _run(arguments: list[str], prefix: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(prefix), **variables}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment)
    assert done.stderr == ""
    return done


def _kept(prefix: Path) -> list[Path]:
    return [path for path in prefix.rglob("*") if ".kept" in path.name]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "project/.claude/commands/deploy.md"
    path.parent.mkdir(parents=True)
    path.write_text(FILE, encoding="utf-8")
    return path


def test_each_pattern_of_the_project_comes_back_as_it_was(tmp_path: Path) -> None:
    first, second = (_python(ALL_PATTERNS, tmp_path).split() for _ in range(2))
    assert first[0] != "0"
    assert second == ["0", first[1]]


def test_damage_is_seen_and_mended(tmp_path: Path) -> None:
    _python(DAMAGE, tmp_path)


def test_the_second_run_compiles_nothing_and_says_the_same(tmp_path: Path, file: Path) -> None:
    first = _run(["-m", "peerlint", str(file)], tmp_path / "python")
    assert len(_kept(tmp_path / "python")) == 1
    kept = _kept(tmp_path / "python")[0].stat()
    second = _run(["-m", "peerlint", str(file)], tmp_path / "python")

    assert (first.returncode, first.stdout) == (second.returncode, second.stdout)
    assert "PL705" in first.stdout
    assert _kept(tmp_path / "python")[0].stat().st_mtime_ns == kept.st_mtime_ns, "nothing new to keep"
    assert [path for path in (tmp_path / "project").rglob("*") if path.is_file()] == [file]


def test_nothing_is_written_where_python_may_not_write(tmp_path: Path, file: Path) -> None:
    asked_not_to = _run(["-m", "peerlint", str(file)], tmp_path / "python", PYTHONDONTWRITEBYTECODE="1")
    assert not (tmp_path / "python").exists()

    no_folder = tmp_path / "taken"
    no_folder.write_text("", encoding="utf-8")
    no_place = _run(["-m", "peerlint", str(file)], no_folder)
    assert asked_not_to.stdout == no_place.stdout != ""
    assert no_folder.read_text(encoding="utf-8") == ""


def test_what_another_python_has_kept_is_not_taken(tmp_path: Path, file: Path) -> None:
    first = _run(["-m", "peerlint", str(file)], tmp_path / "python")
    path = _kept(tmp_path / "python")[0]
    other = path.read_bytes().replace(sys.version[:6].encode(), b"3.99.9", 1)
    path.write_bytes(other)
    second = _run(["-m", "peerlint", str(file)], tmp_path / "python")

    assert first.stdout == second.stdout
    assert path.read_bytes()[:60] != other[:60], "it is written anew"

"""What the pages say stays true: every dependency has its line, every link leads somewhere, the transcript is real."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)#\s]+)(#[^)\s]*)?\)")


def declared_packages() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["lsp"],
        *project["project"]["optional-dependencies"]["rules"],
        *project["dependency-groups"]["dev"],
    ]
    return {re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0] for requirement in requirements}


def test_every_dependency_has_its_line_and_no_line_is_left_over() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    packages = page.partition("## Not Python packages")[0]
    rows = re.findall(r"^\| ([\w.-]+) \| ([^|]+) \| ([^|]+) \|$", packages, re.MULTILINE)
    assert {name for name, *_ in rows} - {"package"} == declared_packages()
    assert all(licence.strip() and reason.strip() for _, licence, reason in rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^( *)(`{3,}).*?^\1\2$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [target for target, _ in LINK.findall(text) if "://" not in target and not target.startswith("mailto:")]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing

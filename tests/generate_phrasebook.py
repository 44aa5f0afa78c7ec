"""Compiles `rules/phrasebook.yaml` into a Python module, so that reading phrases needs no YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SOURCE = Path("rules/phrasebook.yaml")
TARGET = Path("peerlint/process/phrase_table.py")


def generated(root: Path) -> Iterator[tuple[Path, str]]:
    """The generated module under `root`, with the text that it should have."""
    data: dict[str, Any] = YAML(typ="safe", pure=True).load((root / SOURCE).read_text(encoding="utf-8"))
    yield root / TARGET, _module(data)


def _module(data: dict[str, Any]) -> str:
    lines = [
        f'"""The phrasebook, made from {SOURCE.as_posix()} by `make generate`; do not edit."""',
        "",
        "from __future__ import annotations",
        "",
        "#: Phrase, and the condition that it means.",
        "PREDICATES: tuple[tuple[str, str], ...] = (",
        *(f"    ({_string(entry['phrase'])}, {_string(entry['means'])})," for entry in data["predicates"]),
        ")",
        "",
        "#: What a phrase says about the directive above, and the phrases.",
        "ANAPHORA: dict[str, tuple[str, ...]] = {",
    ]
    for meaning, phrases in data["anaphora"].items():
        lines += [
            f"    {_string(meaning)}: (",
            *(f"        {_string(phrase)}," for phrase in phrases),
            "    ),",
        ]
    lines.append("}")
    for name, comment in (("asks", "What the user says"), ("judgements", "What only a reader can judge")):
        lines += ["", f"#: {comment}; `*` is any words.", f"{name.upper()}: tuple[str, ...] = ("]
        lines += [f"    {_string(phrase)}," for phrase in data[name]]
        lines.append(")")
    return "\n".join(lines) + "\n"


def _string(text: str) -> str:
    """The literal in the quotes that the formatter chooses."""
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

"""What the built-in rules look for in Python: modules by family of rules, each function named in a rule file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module

from peerlint.lint.context import Context, Found
from peerlint.lint.rules import Rule

#: The module of each family, and of the rules that have one of their own, since they need less than their family.
MODULES = {
    "PL0": "suppression",
    "PL1": "location",
    "PL2": "state",
    "PL3": "errors",
    "PL4": "control",
    "PL5": "structure",
    "PL6": "references",
    "PL7": "nats",
    "PL8": "executability",
    "PL9": "proof",
    **dict.fromkeys(("PL305", "PL309"), "stated_errors"),
    "PL206": "json_text",
    "PL401": "jumps",
    **dict.fromkeys(("PL402", "PL403", "PL404"), "waiting"),
}
#: Name in a rule file -> function, of the modules that are loaded: each is for the first rule of its family that runs.
DETECTORS: dict[str, Callable[[Context], Iterable[Found]]] = {}


def detector(rule: Rule) -> Callable[[Context], Iterable[Found]]:
    """The function that a rule names. Raises KeyError where its module has none of that name."""
    name = str(rule.detect)
    if name not in DETECTORS:
        for function in import_module(f"{__name__}.{MODULES.get(rule.id) or MODULES[rule.id[:3]]}").DETECTORS:
            DETECTORS.setdefault(function.__name__, function)
    return DETECTORS[name]

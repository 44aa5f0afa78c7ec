"""What the built-in rules look for in Python: one module per family of rules, each function named in a rule file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module

from peerlint.lint.context import Context, Found
from peerlint.lint.rules import Rule

#: The module of each family.
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
}
#: Name in a rule file -> function, of the modules that are loaded: each is for the first rule of its family that runs.
DETECTORS: dict[str, Callable[[Context], Iterable[Found]]] = {}


def detector(rule: Rule) -> Callable[[Context], Iterable[Found]]:
    """The function that a rule names. Raises KeyError where its family has none of that name."""
    name = str(rule.detect)
    if name not in DETECTORS:
        for function in import_module(f"{__name__}.{MODULES[rule.id[:3]]}").DETECTORS:
            DETECTORS.setdefault(function.__name__, function)
    return DETECTORS[name]

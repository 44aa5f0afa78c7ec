"""What the built-in rules look for in Python: one module per family of rules, each function named in a rule file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from peerlint.lint.context import Context, Found
from peerlint.lint.detect import (
    control,
    errors,
    executability,
    location,
    nats,
    proof,
    references,
    state,
    structure,
    suppression,
)

#: Name in a rule file -> function.
DETECTORS: dict[str, Callable[[Context], Iterable[Found]]] = {
    function.__name__: function
    for module in (control, errors, executability, location, nats, proof, references, state, structure, suppression)
    for function in module.DETECTORS
}

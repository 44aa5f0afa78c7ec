"""What a script says by way of an error of bash: `${NAME:?text}`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from peerlint.patterns import regex

#: `check.sh: line 3: NAME: text`, and `check.sh: 3: NAME: text` of dash.
_REPORT = regex(r": (?:line )?\d+: (\w+): (.*)$")
#: `${NAME:?text}`, `${NAME?text}`; not without a text.
_REFUSES = r"\$\{{{name}:?\?[^}}]"


def own_words(complaint: str, texts: Iterable[str]) -> str:
    """The words of the script in what bash reports; "" where all of it is bash's own."""
    found = _REPORT.search(complaint)
    if found is None or not any(re.search(_REFUSES.format(name=found[1]), text) for text in texts):
        return ""
    return found[2].strip()

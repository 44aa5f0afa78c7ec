"""The rules: what each looks for, how bad it is, and where its texts are.

The rules are written in `rules/*.yaml`; `make generate` compiles them into `matchers` (what a run needs) and `texts`
(what only help needs), so that linting reads no YAML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import cache, cached_property

from peerlint.errors import InputError
from peerlint.lint.diagnostics import Confidence, Severity
from peerlint.process.harness import DEFAULT_HARNESS, Harness
from peerlint.records import dataclass, field

#: First three characters of a rule's id -> what the rules of the family are about.
FAMILIES = {
    "PL0": "suppressions",
    "PL1": "logic location",
    "PL2": "state",
    "PL3": "errors",
    "PL4": "control",
    "PL5": "structure",
    "PL6": "references",
    "PL7": "NATS",
    "PL8": "executability",
    "PL9": "proof",
}

#: The rule about comments that suppress nothing; it asks what the other rules found, so it comes last.
UNUSED_SUPPRESSION = "PL001"

#: Where the page of a rule is published.
RULE_URL = "https://github.com/peerlint/peerlint/blob/main/docs/rules/{id}.md"


class Profile(IntEnum):
    """Sets of rules; each holds the ones before it.

    BUGS: wrong under any philosophy. COORDINATION: script orchestration in process steps. PROVED: migrations
    certified, conditions bound.
    """

    BUGS = 1
    COORDINATION = 2
    PROVED = 3

    @property
    def word(self) -> str:
        """Name in lower case, as in config."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Rule:
    """What a run needs of a rule.

    `elsewhere` is the severity outside of steps (None: the same). At least one of `needs` must occur in the text, else
    the rule is not run; for a rule with `only_calls`, which looks at nothing else, in shell that is called or in a
    script behind it. Of what it looks for in logic, one of `needs_of_logic` is enough in a text that may state some.
    `message` and `help` are format strings, filled by what the rule found. Exactly one of `select`
    (an XPath over `lint.view`) and `detect` (name of a function in `lint.detect`) is set; `pattern` (RE2) finds places
    in the text of what `select` gives. `fixable` says whether the rule itself may offer a fix.
    """

    id: str
    name: str
    severity: Severity
    confidence: Confidence
    profile: Profile
    since: str
    roles: tuple[str, ...]
    needs: tuple[str, ...]
    message: str
    help: str = ""
    elsewhere: Severity | None = None
    preview: bool = False
    select: str | None = None
    pattern: str | None = None
    detect: str | None = None
    fixable: bool = False
    only_calls: bool = False
    needs_of_logic: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """What the rules of this family are about."""
        return FAMILIES.get(self.id[:3], "your own rules")

    @property
    def url(self) -> str:
        """The page of the rule."""
        return RULE_URL.format(id=self.id)


@dataclass(frozen=True)
class LintSettings:
    """What is looked for in one file: the rules that are on, and the severities that config gave them."""

    rules: tuple[Rule, ...]
    severities: Mapping[str, Severity] = field(default_factory=dict)
    harness: Harness = DEFAULT_HARNESS

    @cached_property
    def running(self) -> frozenset[str]:
        """The ids and the names of the rules."""
        return frozenset(name for rule in self.rules for name in (rule.id, rule.name))

    @cached_property
    def in_order(self) -> list[Rule]:
        """The rules as they are run: whether a comment is needed shows only when all others have spoken."""
        return sorted(self.rules, key=lambda rule: rule.id == UNUSED_SUPPRESSION)


@dataclass(frozen=True, slots=True)
class Example:
    """A file that a rule is tried on. `lines` are the rows of the findings; empty: the rule must be silent.

    `files` are other files of the project (path -> text); `fixed` is the text after the rule's fixes; `before` is the
    text at the revision that the file is compared with.
    """

    title: str
    text: str
    lines: tuple[int, ...] = ()
    fixed: str | None = None
    path: str = ".agent-os/instructions/core/example.md"
    files: tuple[tuple[str, str], ...] = ()
    before: str | None = None


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """What a person reads about a rule. `fix` says what a fix does and how far it can be trusted."""

    summary: str
    why: str
    fix: str = ""
    limits: str = ""
    valid: tuple[Example, ...] = ()
    invalid: tuple[Example, ...] = ()


@cache
def all_rules() -> dict[str, Rule]:
    """The built-in rules by id, in the order of their ids."""
    from peerlint.lint.rules.matchers import RULES

    return {rule.id: rule for rule in RULES}


def texts_of(rule_id: str) -> RuleTexts:
    """The texts of a built-in rule; KeyError where there is none."""
    from peerlint.lint.rules.texts import TEXTS

    return TEXTS[rule_id]


def rules_named(selector: str, rules: Iterable[Rule]) -> list[Rule]:
    """The rules that a selector means: an id, the beginning of ids (`PL1`), a name, or `ALL`.

    Raises InputError that names the nearest known one.
    """
    rules = list(rules)
    if selector == "ALL":
        return rules
    found = [rule for rule in rules if rule.name == selector or (selector and rule.id.startswith(selector))]
    if not found:
        raise InputError(f'there is no rule "{selector}"', todo=_nearest_rule(selector, rules))
    return found


def _nearest_rule(selector: str, rules: Sequence[Rule]) -> str:
    known = [name for rule in rules for name in (rule.id, rule.name)] + sorted({rule.id[:3] for rule in rules})
    known.append("ALL")
    forms = (selector, selector.upper(), selector.lower())
    nearest = next((name for form in forms if (name := nearest_name(form, known))), None)
    return f'did you mean "{nearest}"?' if nearest else "peerlint rule lists them"


def nearest_name(word: str, known: Iterable[str]) -> str | None:
    """The known name that is most like the word, of several the one that begins like it; None where none is like it."""
    import difflib
    from itertools import takewhile

    def beginning(name: str) -> int:
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(name, word, strict=False)))

    close = difflib.get_close_matches(word, list(known), n=20, cutoff=0.6)
    likeness = {name: difflib.SequenceMatcher(None, name, word).ratio() for name in close}
    return max(sorted(close), key=lambda name: (likeness[name], beginning(name)), default=None)

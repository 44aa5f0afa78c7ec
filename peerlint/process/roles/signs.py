"""The words that tell a role: in headings, names of tags, labels in front of a fence, and the first lines of code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache

from peerlint.patterns import DASHES, folded, may_hold, regex
from peerlint.records import dataclass


class Role(Enum):
    """What a piece of text is there for."""

    PROCEDURE = "procedure"
    REFERENCE = "reference"
    TEMPLATE = "template"
    DELIVERABLE = "deliverable"
    EXAMPLE = "example"
    COUNTER_EXAMPLE = "counter_example"
    DOCUMENTATION = "documentation"
    TEACHING = "teaching"


@dataclass(frozen=True, slots=True)
class Sign:
    """A role and the words that told it."""

    role: Role
    words: str


Table = tuple[tuple[Role, re.Pattern[str]], ...]


def _heads(pattern: str) -> re.Pattern[str]:
    """The words as the thing that a heading names: alone, behind adjectives, or in front of a colon or bracket."""
    return regex(
        rf"^\W*(?!{_IMPERATIVE}\b)(?:[\w/'`-]+ ){{0,3}}(?:{pattern})(?: guide| section| steps)?\W*"
        rf"(?:(?:[:(]|{DASHES}).*|- .*)?$",
        re.IGNORECASE,
    )


#: How many letters of a word tell whether a pattern for headings may look for it.
_TELLING = 3
_WORD = regex(r"\w+|[❌🚫✅]")
#: ASCII with a blank for each character that is no part of a word.
_WORDS_ALONE = {at: " " for at in range(128) if not (chr(at).isalnum() or chr(at) == "_")}


def _begins(title: str) -> set[str]:
    """How the words of a heading begin, in lower case."""
    plain = folded(title)
    words = plain.translate(_WORDS_ALONE).split() if plain.isascii() else _WORD.findall(plain)
    return {word[:_TELLING] for word in words}


def _beginnings(beginnings: str) -> frozenset[str]:
    return frozenset(beginnings.split())


#: Verbs that make a heading a thing to do: `Check the configuration`.
_IMPERATIVE = (
    r"(?:add|analyse|analyze|apply|ask|assess|build|check|clean|collect|compare|confirm|create|decide|define|delete"
    r"|detect|determine|download|ensure|execute|extract|fetch|find|finalise|finalize|fix|gather|generate|get|handle"
    r"|identify|implement|initialise|initialize|inspect|install|invoke|list|load|locate|map|mark|merge|monitor|parse|pick"
    r"|prepare|present|push|read|record|remove|resolve|restore|run|save|scan|select|send"
    r"|set|show|spawn|start|stop|store|summarise|summarize|sync|track|understand|update|validate|verify|wait|write)"
)
#: A heading that numbers a step is a step, whatever else it says: `Step 3: Fill in the template`.
_STEP_BEGINS = frozenset({"ste", "pha", "sta"})
_STEP_HEADING = regex(r"(?:\W*)(?:step|phase|stage)\s*#?\d+", re.IGNORECASE)

#: What a heading calls that is to be done, and not only shown: `✅ Correct workflow`, beside one that is wrong.
_TO_BE_DONE = r"\W*(?:\w+ ){0,3}(?:workflow|process|procedure|steps)\W*$"

#: What a heading says that has one of the words, of which the beginnings are told before the pattern is asked: most
#: headings have none of them.
_HEADINGS: tuple[tuple[Role, frozenset[str], re.Pattern[str]], ...] = (
    (
        Role.COUNTER_EXAMPLE,
        _beginnings("❌ 🚫 ant com mis pit wha rat red bad don do nev wro inc"),
        regex(
            r"❌|🚫|(?<![\w-])(?:anti-?\s?patterns?|(?:common )?mistakes|pitfalls?|what not to do"
            r"|rationalisations|rationalizations|red flags)(?![\w-])"
            r"|(?<![\w-])bad(?: examples?| practices?)?\W*$|^\W*(?:bad|don'?ts?|do not|never|wrong"
            r"|incorrect)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Role.EXAMPLE,
        _beginnings("✅ exa sam dem wal use goo cor"),
        regex(
            rf"✅(?!{_TO_BE_DONE})"
            r"|(?<![\w-])(?:examples?|samples?|demos?|sample session|walkthrough|use cases?)(?![\w-])"
            r"|^\W*(?:good|correct)\b\W*(?::.*)?$",
            re.IGNORECASE,
        ),
    ),
    (
        Role.TEMPLATE,
        _beginnings("tem out rep res com mes fil sum dis del sch for fol dir doc exp suc"),
        _heads(
            r"templates?|(?:output|report|response|commit|message|file|summary|display|comment)"
            r" (?:format|structure|schema|style)s?|output|deliverables?|schemas?|format"
            r"|(?:file|folder|directory|document) structure|expected (?:output|result)s?|success message",
        ),
    ),
    (
        Role.DOCUMENTATION,
        _beginnings(
            "usa ins set qui get pre req tro con ref res ove faq com opt arg par fla int see sup bac arc bes tip not"
            " abo phi pri fea ben whe how rel env cha mig leg pat che too glo use lim kno dep rec rol"
        ),
        _heads(
            r"usage|install(?:ation|ing)|setup|quick ?start|getting started|prerequisites?|requirements?"
            r"|troubleshooting|config(?:uration)?|references?|resources|overview|faq|commands?|options|arguments?|parameters|flags"
            r"|integrations?|see also|support|background|architecture|best practices|tips|notes?|about|introduction"
            r"|concepts?|philosophy|principles|features|benefits|when to use(?: .*)?|how it works|related(?: .*)?"
            r"|environment variables|changelog|migration guide|legacy context|patterns?|cheat ?sheet|tools?|glossary"
            r"|user (?:\w+ )?instructions|limitations?|known issues|dependencies|installation .*|recovery|rollback",
        ),
    ),
    (
        Role.PROCEDURE,
        _beginnings("pro wor ins exe ste wha you how imp pre pos che mai"),
        regex(
            r"^\W*(?!(?:common|typical|advanced|useful|other|manual|user)\b)(?:[\w/'`-]+ ){0,4}?"
            r"(?:process(?: flow| steps)?|workflow|procedure|instructions|execution(?: flow| steps| order)?|protocol"
            r"|steps|what to do|your (?:task|job|mission)|how to (?:proceed|execute)|implementation steps"
            rf"|(?:pre|post)-?flight(?: checks?)?|checklist|main loop)\W*(?:(?:[:(]|{DASHES}).*|- .*)?$",
            re.IGNORECASE,
        ),
    ),
)

#: How much of a heading is looked at.
MAX_HEADING = 160

#: Headings that say so even within a step, where "setup" or "reference" is part of the work.
STRONG_HEADING_ROLES = frozenset({Role.COUNTER_EXAMPLE, Role.EXAMPLE, Role.TEMPLATE})

_TAGS: Table = (
    (
        Role.COUNTER_EXAMPLE,
        regex(
            r"(?:^|_)(?:bad|wrong|incorrect|avoid|dont|do_not|never|anti_?patterns?|pitfalls?|(?:common_)?mistakes"
            r"|counter_?examples?|red_flags|bad_example)(?:_|$)"
        ),
    ),
    (
        Role.EXAMPLE,
        regex(r"(?:^|_)(?:examples?|samples?|demo|illustration|walkthrough|scenarios?)(?:_\d+)?$|^good(?:_|$)"),
    ),
    (Role.REFERENCE, regex(r"_(?:commands?|cmd)$|^commands?$|^reference_commands?$")),
    (
        Role.TEMPLATE,
        regex(
            r"(?:^|_)(?:templates?|format|formats|schema|skeleton|boilerplate|structure|output|message|messages|summary"
            r"|report|response|prompt|naming)$|^template_|^output_|^file_template|^output$|^format$"
        ),
    ),
    (
        Role.DOCUMENTATION,
        regex(
            r"^(?:usage|install(?:ation)?|quick_start|overview|background|purpose|notes?|references?|resources|objective"
            r"|philosophy|principles|rationale|description|when_to_use|troubleshooting|faq|see_also|success_criteria)$"
        ),
    ),
    (
        Role.PROCEDURE,
        regex(
            r"_(?:logic|steps?|flow|process|workflow|protocol|procedure|operations?|gate|phase|checks?|verification"
            r"|validation)$|^(?:step|steps|process|workflow|procedure|instructions?|flow|action|actions|check|task|tasks"
            r"|execution|logic|validation|verification|pre_flight_check|post_flight_check|conditional_execution"
            r"|decision_tree|error_handling|failure_handler|subagent_context|loop_logic)$"
        ),
    ),
)

_LABELS: Table = (
    (
        Role.COUNTER_EXAMPLE,
        regex(
            r"^[\W\d]*[❌🚫⛔]|^\W*(?:bad|wrong|incorrect|anti-?pattern|don'?t|do not|never|avoid|instead of|not this"
            r"|not|problem|broken)\b(?=[^.:]{0,40}[:*]\W*$|\W*$)",
            re.IGNORECASE,
        ),
    ),
    (
        Role.EXAMPLE,
        regex(
            r"^[\W\d]*✅|(?<!\w)(?:examples?|for instance|e\.g\.|sample|such as|looks? like|similar to|illustrat\w+"
            r"|demonstrat\w+)(?=[^.]*:\W*$|\W*$)|^\W*(?:good|better|correct|right)\b(?=[^.]*[:*]\W*$|\W*$)",
            re.IGNORECASE,
        ),
    ),
    (
        Role.DOCUMENTATION,
        regex(r"^\W*(?:usage|synopsis|syntax|install|installation|to install)\b[^.]*:\W*$", re.IGNORECASE),
    ),
)
#: Of which a label for an example has one.
_EXAMPLE_WORDS = (
    *("✅", "example", "for instance", "e.g.", "sample", "such as", "look", "similar to", "illustrat", "demonstrat"),
    *("good", "better", "correct", "right"),
)
_LABELS_OF_OTHERS = tuple(row for row in _LABELS if row[0] is not Role.EXAMPLE)
#: Labels that make what follows text to be written out, where it is no shell.
_OUTPUT_LABEL = regex(
    r"(?<!\w)(?:output|outputs|display|show|present|report|respond|reply|print|return|format|template|message|summary|ask"
    r"|tell the user|inform|announce|structure|content|prompt|schema|expected|include|document|write)\b",
    re.IGNORECASE,
)
#: Labels that make what follows a file that the agent makes.
_FILE_LABEL = regex(
    r"(?<!\w)(?:create|creates|write|add|save|generate|place|put|install|copy|define|configure)\b"
    r".{0,80}?(?:\b(?:file|script|hook|wrapper|helper|workflow)\b|`[^`]*\.\w{1,5}`|\*\*[^*]*\.\w{1,5}\*\*|[\w/.-]+\.(?:sh|py|js|ts|ya?ml|json|toml))",
    re.IGNORECASE,
)
#: A label or first comment that is nothing but the name of a file.
_FILE_NAME = regex(
    r"\W*(?:file(?:name)?:\s*)?`?\**(?:[\w.@-]+/)*[\w.-]+\.(?:sh|bash|py|js|mjs|ts|tsx|ya?ml|json|toml|cfg|ini)\**`?\s*(?:\([^)]*\))?:?\W*",
    re.IGNORECASE,
)
_SCRIPT_COMMENT = regex(r"#\s*(?:[\w.@-]+/)*[\w-]+\.(?:sh|bash)\W*$|#\s*(?:[\w.@-]+/)+[\w.-]+\W*$")
#: Labels that tell the agent to run what follows.
_RUN_LABEL = regex(r"(?<!\w)(?:run|execute|call|invoke|use the bash tool|perform|launch|spawn)\b", re.IGNORECASE)

_RUN_ORDER = regex(r"\W*(?:run|execute)\s+(?:these|the following|all of these)\b[^.]*:\W*$", re.IGNORECASE)
_LEAD = regex(r"(?:then|next|finally|and then)\s+", re.IGNORECASE)

#: What stands behind a word that judges code; a name before `()` is that of a function.
_JUDGED = rf"\b(?!\s*\(\s*\))(?=\s*(?:[:!(-]|{DASHES})|\s*$)"
_BAD_CODE = regex(
    rf"\s*(?:#|//|--)?\s*(?:❌|🚫|(?:bad|wrong|incorrect|don'?t|avoid|never|fail){_JUDGED})",
    re.IGNORECASE,
)
_GOOD_CODE = regex(
    rf"\s*(?:#|//|--)?\s*(?:✅|(?:good|correct|right|better|example|pass){_JUDGED})",
    re.IGNORECASE,
)
#: A line of prose that forbids what it names.
_FORBIDDING = regex(r"\W*(?:❌|🚫|⛔|(?:never|don'?t|do not|avoid|must not|bad|wrong|instead of)\b)", re.IGNORECASE)
_EXAMPLE_LINE = regex(r"\W*(?:examples?|e\.g\.|for example|for instance|sample)\b\s*[:,(]?", re.IGNORECASE)
_USAGE_LINE = regex(r"\W*(?:usage|synopsis|syntax)\**\s*:", re.IGNORECASE)
_LINES: Table = (
    (Role.COUNTER_EXAMPLE, _FORBIDDING),
    (Role.EXAMPLE, _EXAMPLE_LINE),
    (Role.DOCUMENTATION, _USAGE_LINE),
)
#: The one of them that may match a line whose first word begins like that.
_LINES_BY_BEGIN: Mapping[str, Table] = {
    **dict.fromkeys(("ne", "do", "av", "mu", "ba", "wr", "in"), _LINES[:1]),
    **dict.fromkeys(("ex", "e.", "fo", "sa"), _LINES[1:2]),
    **dict.fromkeys(("us", "sy"), _LINES[2:]),
}
#: The characters of ASCII that are no part of a word.
_NO_WORD = "".join(character for character in map(chr, range(128)) if not (character.isalnum() or character == "_"))

_TEACHING_TITLE = regex(
    r"\b(?:bash|shell|posix|zsh)\b(?:[ -/]\w+){0,2}[ -](?:script\w*|patterns?|programming|defensive|style|guide\w*|best"
    r"|lint\w*|pro|expert|testing|conventions|rules|standards)\b|\b(?:defensive bash|shellcheck|bats)\b",
    re.IGNORECASE,
    needs=("bash", "shell", "posix", "zsh", "bats"),
)


@lru_cache(maxsize=4096)  # files of one house have the same headings and tags
def heading_sign(title: str) -> Sign | None:
    """What a heading says of the section below it."""
    begins = _begins(title)
    step = None if begins.isdisjoint(_STEP_BEGINS) else _STEP_HEADING.match(title)
    if step is not None:
        return Sign(Role.PROCEDURE, step[0].strip())
    asked = ((role, pattern) for role, words, pattern in _HEADINGS if not begins.isdisjoint(words))
    return _first(asked, title[:MAX_HEADING])


def is_step_heading(title: str) -> bool:
    """Whether a heading numbers a step."""
    return _STEP_HEADING.match(title) is not None


@lru_cache(maxsize=4096)
def tag_sign(name: str) -> Sign | None:
    """What the name of an element says of its content."""
    return _first(_TAGS, name.lower().replace("-", "_"), shown=name)


def label_sign(text: str) -> Sign | None:
    """What a line says of the fence right below it."""
    return _first(_LABELS if may_hold(text, _EXAMPLE_WORDS) else _LABELS_OF_OTHERS, text)


def line_sign(text: str) -> Sign | None:
    """What a line says of itself."""
    begin = text.lstrip(_NO_WORD)[:2].lower()
    # Nearly no line begins like that; beyond ASCII the patterns tell.
    for role, pattern in _LINES_BY_BEGIN.get(begin, ()) if begin.isascii() else _LINES:
        if found := pattern.match(text):
            return Sign(role, found[0].strip())
    return None


def code_sign(first_line: str) -> Sign | None:
    """What the first line of code says of the code."""
    for role, pattern in ((Role.COUNTER_EXAMPLE, _BAD_CODE), (Role.EXAMPLE, _GOOD_CODE)):
        if found := pattern.match(first_line):
            return Sign(role, found[0].strip())
    return None


def asks_for_output(label: str) -> bool:
    """Whether a label says that what follows is to be written out."""
    return _OUTPUT_LABEL.search(label) is not None


def asks_for_file(label: str) -> bool:
    """Whether a label says that what follows is the content of a file to be made."""
    return _FILE_LABEL.search(label) is not None


def is_file_name(text: str) -> bool:
    """Whether a text is nothing but the name of a file."""
    return "." in text and _FILE_NAME.fullmatch(text) is not None


def names_own_script(first_line: str) -> bool:
    """Whether code begins with a comment that names the script it is: `# scripts/x.sh`, not `# Node.js`."""
    return _SCRIPT_COMMENT.match(first_line) is not None


def orders_to_run(line: str) -> bool:
    """Whether a line orders all that stands below it to be run: `Run these in order:`."""
    return _RUN_ORDER.match(line) is not None


def without_lead(label: str) -> str:
    """A label without the word that joins it to what came before: `Then x.yml:`."""
    return _LEAD.sub("", label, count=1)


def asks_to_run(label: str) -> bool:
    """Whether a label tells the agent to run what follows."""
    return _RUN_LABEL.search(label) is not None


def teaches_shell(title: str) -> bool:
    """Whether a file of this name or title is about shell scripting."""
    return _TEACHING_TITLE.search(title) is not None


def _first(table: Iterable[tuple[Role, re.Pattern[str]]], text: str, shown: str | None = None) -> Sign | None:
    for role, pattern in table:
        found = pattern.search(text)
        if found is not None:
            return Sign(role, shown or found[0].strip(" :*`"))
    return None

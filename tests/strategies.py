"""Hypothesis strategies for the IR: everything that the canonical language can write, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from peerlint.process.logic import ALLOWED_CLAUSES, THE_AGENT, has_exit_code, outcomes_of
from peerlint.process.model import (
    All,
    AnyOf,
    Argv,
    Arithmetic,
    AsJson,
    Ask,
    AsNumber,
    Branch,
    BucketAdd,
    BucketInfo,
    Check,
    Clauses,
    Commands,
    CommandSucceeds,
    Compare,
    Condition,
    Constant,
    CurrentTime,
    Cut,
    Decide,
    Delegate,
    Do,
    Duration,
    Effect,
    Equals,
    ExitCodeIs,
    FileDelete,
    FilePattern,
    FileRead,
    FilesExist,
    FilesMatching,
    FileWrite,
    FirstCharacters,
    FlagValue,
    ForEach,
    HasPart,
    If,
    InFolder,
    Input,
    IsEmpty,
    IsJson,
    IsMissing,
    IsNumber,
    JqFilter,
    KeysOf,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    KvWait,
    Leave,
    Length,
    Listing,
    Matches,
    Not,
    Note,
    Number,
    NumberOf,
    OneOf,
    Order,
    OtherArgument,
    OutcomeIs,
    Part,
    PartsOf,
    Passes,
    PathEmpty,
    PathExists,
    PathKind,
    Pipeline,
    Proceed,
    Provided,
    Publish,
    Ref,
    Repeat,
    Request,
    Result,
    Resume,
    Run,
    Say,
    SayKind,
    ServerCheck,
    Set,
    Skip,
    Statement,
    Stop,
    Text,
    Through,
    TimeUnit,
    ToolAvailable,
    UserAnswer,
    Value,
    Values,
    Verbatim,
)

_NASTY_PIECES = st.sampled_from(
    ["[NAME]", "[A.b]", "\\[", "\\", "\\\\[X]", '"', "'", "`", "\n", "\t", "\r", "[", "]", "[x]", "- [ ] #12", "##",
     "```", "IF A:", ", or ", " AS ", " AND ", "$x", "%Y", "{}", "é", "日", "\u2028", "\x07", "  ",  ":",
     "<b>", "#", "a=b", "it's"]
)  # fmt: skip
_CHARACTERS = st.characters(exclude_categories=["Cs"])

#: Any text that a message may hold.
literals = st.lists(st.one_of(st.text(_CHARACTERS, max_size=6), _NASTY_PIECES), max_size=4).map("".join)
_block_literals = literals.map(lambda text: text.replace("\r", ""))
_one_line = literals.map(lambda text: text.replace("\n", " ").replace("\r", " "))
#: Prose that stands at the end of a line.
prose = _one_line.map(lambda text: text.strip(" \t\v\f\ufeff").strip()).filter(bool)

names = st.one_of(
    st.sampled_from(["A", "STATE", "CYCLE_NUMBER", "X_2", "ANDROID", "IFS", "NOTE"]),
    st.from_regex(r"[A-Z][A-Z0-9_]{0,6}", fullmatch=True),
).filter(lambda name: name not in {"AND", "OR", "NOT", "AS", "IF", "ELSE"})
_fields = st.sampled_from(["status", "cycles", "_x", "AND", "a1", "Name"])
_plain_refs = names.map(Ref)
refs = st.recursive(
    _plain_refs,
    lambda inner: st.builds(Ref, names, st.lists(st.one_of(_fields, inner), min_size=1, max_size=2).map(tuple)),
    max_leaves=3,
)
flags = st.sampled_from(["--instruction", "--continue", "--a", "-v"])
words_of_tools = st.sampled_from(["gh", "node-20", "c++", "x.y"])
steps = st.sampled_from(["1", "12", "4b", "2.1", "3a.2"])
subagents = st.sampled_from(["peer-planner", "git-workflow", "x1"])


def _texts(pieces: st.SearchStrategy[str]) -> st.SearchStrategy[Text]:
    return st.lists(st.one_of(pieces, refs), max_size=4).map(lambda parts: Text.of(*parts))


def _in_block(kind: str) -> Any:
    """Gives a node a block whose name follows from its content, so that no two texts share a name."""

    def name(node: Any) -> Any:
        digest = hashlib.sha256(repr(node).encode("utf-8", "surrogatepass")).hexdigest()[:10]
        return replace(node, block=f"{kind}_{digest}")

    return name


strings = _texts(literals)
texts = st.one_of(strings, _texts(_block_literals).map(_in_block("text")))
keys = st.one_of(
    st.sampled_from([Text.of("agent-os-peer-state"), Text.of("a.b/c=d"), Text.of(Ref("K"), ".meta")]),
    st.sampled_from(["file", "bucket", "A", "7", "", "=", "x y", "is"]).map(Text.of),
    strings,
)
verbatims = st.one_of(_one_line.map(Verbatim), _block_literals.map(Verbatim).map(_in_block("verbatim")))

_WORD_PIECES = st.one_of(
    literals.map(lambda text: text.replace("\r", "").replace("\n", " ")),
    st.sampled_from(["--flag=", "a", "*.md", "~", "$HOME", ";", "&&", "if", "A=b", "[", "[ -z", "{a,b}", "#x", "|"]),
)
_command_words = _texts(_WORD_PIECES)
_pattern_words = _texts(
    st.sampled_from(["*", "?", "[0-9]", "[!a]", "[^a-c]", "[[]", "[]x]", "**", "a/", ".md", "--x=", " ", "$", "'", "ä"])
).map(lambda text: FilePattern(Text.of("*", *text.parts)))
argvs = st.tuples(_command_words, st.lists(_command_words | _pattern_words, max_size=2)).map(
    lambda words: Argv((words[0], *words[1]))
)
pipelines = st.lists(argvs, min_size=1, max_size=2).map(lambda commands: Pipeline(tuple(commands)))
commands = st.one_of(
    pipelines.map(lambda line: Commands((line,))),
    st.lists(pipelines, min_size=1, max_size=3).map(lambda lines: Commands(tuple(lines))).map(_in_block("command")),
)


# --- values and conditions -------------------------------------------------------------------------------------------

_numbers = st.integers(-(10**9), 10**9).map(Number)
_leaf_values: st.SearchStrategy[Value] = st.one_of(
    refs,
    texts,
    _numbers,
    st.sampled_from([True, False, None]).map(Constant),
    flags.map(FlagValue),
    st.lists(st.sampled_from(["--a=", "--b", "--c-d="]), min_size=1, max_size=3).map(
        lambda each: OtherArgument(tuple(each))
    ),
    st.one_of(st.none(), literals).map(CurrentTime),
)


def _listings(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Listing]:
    return st.one_of(
        st.builds(PartsOf, st.sampled_from(Cut), inner),
        strings.map(FilesMatching),
        keys.map(KeysOf),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: Values(tuple(each))),
    )


def _compound_values(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.one_of(
        st.builds(Arithmetic, st.sampled_from(list("+-*/%")), st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(JqFilter, inner, verbatims, st.sampled_from(["", "r", "rc", "sn"])),
        st.builds(Through, inner, pipelines),
        inner.map(AsJson),
        inner.map(AsNumber),
        inner.map(Length),
        st.builds(FirstCharacters, st.integers(0, 99), inner),
        _listings(inner).map(NumberOf),
    )


values: st.SearchStrategy[Value] = st.recursive(_leaf_values, _compound_values, max_leaves=4)
listings = _listings(values)

_leaf_conditions: st.SearchStrategy[Condition] = st.one_of(
    values.map(IsEmpty),
    values.map(IsMissing),
    values.map(IsNumber),
    values.map(IsJson),
    st.builds(Equals, values, values),
    st.builds(OneOf, values, st.lists(values, min_size=1, max_size=3).map(tuple)),
    st.builds(Compare, st.sampled_from(Order), values, values),
    st.builds(HasPart, st.sampled_from(Part), values, values),
    st.builds(Matches, values, verbatims),
    st.builds(Passes, values, pipelines),
    st.builds(PathExists, st.sampled_from(PathKind), strings),
    st.builds(PathEmpty, st.sampled_from(PathKind), strings),
    strings.map(FilesExist),
    words_of_tools.map(ToolAvailable),
    pipelines.map(CommandSucceeds),
    flags.map(Provided),
    literals.map(Decide),
    literals.map(UserAnswer),
)


def _compound_conditions(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(several.map(All), several.map(AnyOf), inner.map(Not))


#: Conditions without outcome words, which need an effect above them.
conditions = st.recursive(_leaf_conditions, _compound_conditions, max_leaves=4)


def conditions_below(statement: Statement | None) -> st.SearchStrategy[Condition]:
    """Conditions that may stand in the chain directly below a statement."""
    outcomes: list[Condition] = [OutcomeIs(outcome) for outcome in outcomes_of(statement)]
    if has_exit_code(statement):
        outcomes += [ExitCodeIs(0), ExitCodeIs(4)]
    if not outcomes:
        return conditions
    leaf = st.one_of(st.sampled_from(outcomes), _leaf_conditions)
    return st.recursive(leaf, _compound_conditions, max_leaves=3)


# --- effects and statements ------------------------------------------------------------------------------------------

durations = st.builds(Duration, st.integers(0, 999), st.sampled_from(TimeUnit))
_labels = prose.filter(lambda text: ", as in " not in text and not text.startswith("Use "))

effects: st.SearchStrategy[Effect] = st.one_of(
    st.one_of(st.none(), commands).map(ServerCheck),
    st.builds(BucketInfo, keys, st.none() | names, st.none() | names),
    st.builds(BucketAdd, keys, commands),
    st.builds(KvGet, keys, keys, names, st.none() | names),
    st.builds(KvPut, keys, keys, values),
    st.builds(KvCreate, keys, keys, values),
    st.builds(KvUpdate, keys, keys, values, names),
    st.builds(KvDelete, keys, keys),
    st.builds(KvPurge, keys, keys),
    st.builds(KvKeys, keys, names),
    st.builds(KvHistory, keys, keys, names),
    st.builds(KvWait, keys, keys, values),
    st.builds(Publish, keys, values),
    st.builds(Request, keys, values, names),
    st.builds(FileRead, strings, names),
    st.builds(FileWrite, strings, values, st.booleans(), st.booleans()),
    st.builds(FileDelete, strings),
    st.builds(Run, commands, st.none() | _labels, st.none() | values, st.none() | names),
)

_CLAUSE_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "exit_code": st.none() | names,
    "error": st.none() | names,
    "within": st.none() | durations,
    "if_fails": st.none() | values,
    "if_empty": st.none() | values,
}


@st.composite
def clauses_of(draw: st.DrawFn, owner: type) -> Clauses:
    """Clauses that a directive takes; mostly few."""
    chosen = draw(st.lists(st.sampled_from(sorted(ALLOWED_CLAUSES[owner])), max_size=2, unique=True))
    return Clauses(**{name: draw(_CLAUSE_VALUES.get(name, st.booleans())) for name in chosen})


@st.composite
def _does(draw: st.DrawFn) -> Statement:
    effect = draw(effects)
    return Do(effect, draw(clauses_of(type(effect))))


@st.composite
def _sets(draw: st.DrawFn) -> Statement:
    return Set(draw(refs), draw(values), draw(clauses_of(Set)))


def _is_no_wait(text: str) -> bool:
    return " to equal " not in text


delegates = st.one_of(
    st.builds(Delegate, st.just(THE_AGENT), texts, name=st.none() | names),
    st.builds(
        Delegate,
        subagents,
        st.none() | texts,
        st.none() | prose.filter(_is_no_wait),
        st.lists(prose, max_size=2).map(tuple),
        st.lists(prose, max_size=2).map(tuple),
        st.none() | names,
    ),
)

simple_statements: st.SearchStrategy[Statement] = st.one_of(
    _does(),
    _sets(),
    st.builds(Say, st.sampled_from(SayKind), texts),
    conditions.map(Check),
    st.builds(Input, names, st.none() | literals),
    names.map(Result),
    prose.map(Note),
    st.builds(Ask, texts, names),
    delegates,
    st.builds(Stop, st.none() | strings),
    st.builds(Proceed, st.none() | steps),
    st.just(Skip()),
    steps.map(Resume),
    st.just(Leave()),
)


@st.composite
def logics(draw: st.DrawFn, depth: int = 2) -> tuple[Statement, ...]:
    """Statements in which every outcome word stands where it may; possibly none."""
    statements: list[Statement] = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["simple", "simple", "if", "loop"])) if depth else "simple"
        if kind == "simple":
            statements.append(draw(simple_statements))
        elif kind == "if":
            statements.append(_drawn_if(draw, statements[-1] if statements else None, depth))
        else:
            statements.append(_drawn_loop(draw, depth))
    return tuple(statements)


def _drawn_if(draw: st.DrawFn, above: Statement | None, depth: int) -> If:
    branches = tuple(
        Branch(draw(conditions_below(above)), draw(logics(depth - 1))) for _ in range(draw(st.integers(1, 2)))
    )
    return If(branches, draw(logics(depth - 1)) if draw(st.booleans()) else None)


def _drawn_loop(draw: st.DrawFn, depth: int) -> Statement:
    body = draw(logics(depth - 1))
    kind = draw(st.sampled_from([ForEach, Repeat, InFolder]))
    if kind is ForEach:
        return ForEach(draw(names), draw(listings), body)
    if kind is InFolder:
        return InFolder(draw(strings), body)
    return Repeat(draw(st.integers(0, 50)), body, draw(st.none() | durations), draw(st.none() | conditions))

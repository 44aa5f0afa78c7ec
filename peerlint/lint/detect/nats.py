"""PL7: keys, buckets and commands as NATS and its tool take them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from peerlint.lint.context import Context, Found, ScriptView, ShellView, as_written, step_label, words
from peerlint.lint.detect.keys import PLACEHOLDERS, STAND_IN, VERBS_WITH_KEY, KeysAlike, dotted, key_problem, unquoted
from peerlint.lint.diagnostics import Applicability, Fix, Related
from peerlint.patterns import regex
from peerlint.process.bash.facts import written
from peerlint.process.bash.tree import Pipe, Simple, Word, walk
from peerlint.process.model import (
    BucketAdd,
    BucketInfo,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvPurge,
    KvPut,
    KvUpdate,
    Opaque,
)
from peerlint.process.model import walk as walk_logic
from peerlint.records import dataclass, replace
from peerlint.source.text import Edit, Position, Span

_KEY_EFFECTS = (KvGet, KvPut, KvCreate, KvUpdate, KvDelete, KvPurge, KvHistory)


@dataclass(frozen=True, slots=True)
class _Key:
    """A key as written, without quotes, and the shell it stands in (None in logic, where `span` is of the file)."""

    key: str
    span: Span
    view: ShellView | None


def invalid_key(context: Context) -> Iterator[Found]:
    """Keys that NATS refuses. The fix writes a dot for each colon, everywhere that the key is named."""
    found = list(_keys(context))
    known: dict[str, _Alike] = {}
    for key in found:
        problem = key_problem(key.key)
        if problem is not None:
            values = {"key": key.key, "problem": problem}
            fix = _dotted(context, key, found, known)
            related = fix.elsewhere if fix is not None else ()
            if key.view is not None:
                # The edits are those of the file, also where the key stands in a script.
                yield replace(key.view.found(key.span, values, related=related), fix=fix)
            else:
                yield Found(key.span, values, related=related, fix=fix)


def _keys(context: Context) -> Iterator[_Key]:
    """The keys of `nats kv` commands, in called scripts too, and of logic."""
    for view in context.all_shell("nats"):
        for use in view.facts.kv:
            if use.key is not None and use.key_span is not None and use.verb in VERBS_WITH_KEY:
                yield _Key(view.resolved(use.key), unquoted(view.code, use.key_span), view)
    for _, container in context.logic():
        for node in walk_logic(container.reading.statements):
            effect = getattr(node, "effect", None)
            # A key that is not quoted and has a colon is no form of the language, but plain to a reader.
            unread = _KEY_LINE.match(node.text) if isinstance(node, Opaque) else None
            if unread is not None:
                at = node.span.start + unread.start("key")
                yield _Key(unread["key"], Span(at, at + len(unread["key"])), None)
            elif isinstance(effect, _KEY_EFFECTS):
                key = as_written(effect.key)
                at = context.document.source.text.find(key, node.span.start, node.span.end)
                yield _Key(key, Span(at, at + len(key)) if at >= 0 else node.span, None)


_KEY_LINE = regex(r"(?:READ|STORE|CREATE|UPDATE|DELETE|PURGE):[ \t]*(?P<key>[^\s\"]*:[^\s\"]+)[ \t]+(?:from|in)[ \t]")


def _dotted(context: Context, key: _Key, keys: list[_Key], known: dict[str, _Alike]) -> Fix | None:
    """Dots for colons in all places that name this key or one that begins alike, those of other files included.

    Unsafe, since what is stored already may have the old key. Where a place is no plain text, a person has to do it,
    and the fix lists the places. `known` keeps what was found of the keys that begin alike.
    """
    mended = dotted(key.key)
    if key_problem(mended) is not None:
        return None
    prefix = key.key.split(":", 1)[0] + ":"
    if prefix not in known:
        known[prefix] = _alike(context, prefix, [other for other in keys if other.key.startswith(prefix)])
    alike = known[prefix]
    if alike.edits is None:
        return _by_hand(context, mended, alike.places)
    return Fix(Applicability.UNSAFE, f'Use dots: "{mended}"', alike.edits, alike.elsewhere)


@dataclass(frozen=True, slots=True)
class _Alike:
    """Keys that begin alike: the edits that mend them all, or None and the places where a person has to."""

    edits: tuple[Edit, ...] | None
    elsewhere: tuple[Related, ...]
    places: tuple[Related, ...]


#: Places that one fix changes at most; of more a person is told.
_MOST_PLACES = 200


def _alike(context: Context, prefix: str, keys: list[_Key]) -> _Alike:
    source, text = context.file.source, context.document.text
    literal = [key for key in keys if not isinstance(key.view, ScriptView)]
    alike = KeysAlike(prefix, {key.key for key in literal})
    places = {*map(_span_in_file, literal), *alike.standing(source.text), *alike.told(source)}
    elsewhere = _elsewhere(context, KeysAlike(prefix, {key.key for key in keys} | set(map(text, places))))
    scripts = {place.path for place in elsewhere if place.edit is not None}
    if len(places) + len(elsewhere) > _MOST_PLACES or not all(_is_literal(context, key, scripts) for key in keys):
        return _Alike(None, elsewhere, (*(_related(context, key) for key in keys[:_MOST_PLACES]), *elsewhere))
    return _Alike(tuple(Edit(span, dotted(text(span))) for span in sorted(places)), elsewhere, ())


def _by_hand(context: Context, mended: str, places: Sequence[Related]) -> Fix:
    """What a person has to do where the key is not only spelt out in files that may be edited."""
    path = context.file.source.path
    lines = {(place.path, place.position.row): place for place in reversed(places)}
    shown = [f"line {row}" + ("" if where == path else f" of {where}") for where, row in sorted(lines)]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    message = f'Use dots, "{mended}", in every place: {", ".join(shown[:_SHOWN])}{more}'
    others = tuple(replace(lines[at], edit=None) for at in sorted(lines) if at[0] != path)
    return Fix(Applicability.MANUAL, message, elsewhere=others)


#: Places that one message names at most; all of them are related places.
_SHOWN = 8


def _elsewhere(context: Context, alike: KeysAlike) -> tuple[Related, ...]:
    """The places in other files of the project that name one of the keys; those of scripts with the edit they need.

    Instruction files find their own edits, when they are checked.
    """
    project = context.file.project
    if project is None:
        return ()
    found: dict[str, list[Related]] = {}
    for mention in project.mentions(alike.prefix):
        column = alike.in_line(mention.line)
        if column is not None and mention.path != context.file.source.path:
            place = Position(mention.row, column + 1)
            found.setdefault(mention.path, []).append(Related(mention.path, place, _NAMED_TOO))
    places: list[Related] = []
    for path, named in found.items():
        script = project.read(path) if path.endswith(_SCRIPTS) else None
        edits = alike.edits_in_script(script) if script is not None else ()
        at = script.lines.position if script is not None else None
        places += [Related(path, at(edit.span.start), _NAMED_TOO, edit) for edit in edits] if at and edits else named
    return tuple(places)


_SCRIPTS = (".sh", ".bash", ".zsh", ".py")
_NAMED_TOO = "the key is named here, too"


def _related(context: Context, key: _Key) -> Related:
    """Where a key stands: in a called script, if it does, else in the file."""
    if key.view is not None:
        return key.view.related(key.span, "the key is used here")
    return context.file.related(key.span, "the key is used here")


def _is_literal(context: Context, key: _Key, scripts: Set[str]) -> bool:
    """Whether the key is spelt out where it is used: in the file itself, or in a script whose edits are known."""
    if isinstance(key.view, ScriptView):
        return key.view.source.path in scripts
    return context.document.text(_span_in_file(key)) == key.key


def _span_in_file(key: _Key) -> Span:
    return key.view.span(key.span) if key.view is not None else key.span


_BUCKET = regex(r"[a-zA-Z0-9_-]+")
MAX_HISTORY = 64
MAX_REPLICAS = 5


def invalid_bucket(context: Context) -> Iterator[Found]:
    """Bucket names and configurations that NATS refuses."""
    for view in context.all_shell("nats"):
        for command in view.facts.nats:
            words = [written(view.script, word) for word in command.words]
            if len(words) > 2 and words[1] == "kv":
                yield from _bucket_name(view, command, words)
                if words[2] == "add":
                    yield from _bucket_limits(view, command.words, words)
    for _, container in context.logic():
        for node in walk_logic(container.reading.statements):
            effect = getattr(node, "effect", None)
            if isinstance(effect, (*_KEY_EFFECTS, BucketInfo, BucketAdd)):
                name = as_written(effect.bucket)
                if not _BUCKET.fullmatch(PLACEHOLDERS.sub(STAND_IN, name)):
                    at = context.document.source.text.find(name, node.span.start, node.span.end)
                    span = Span(at, at + len(name)) if name and at >= 0 else node.span
                    yield Found(span, {"problem": f'"{name}" is no bucket name: letters, digits, "_" and "-" only'})


def _bucket_name(view: ShellView, command: Simple, words: list[str]) -> Iterator[Found]:
    if words[2] not in VERBS_WITH_KEY | {"add", "info", "ls", "watch", "status"}:
        return
    arguments = [(word, text) for word, text in zip(command.words[3:], words[3:], strict=True) if text[:1] != "-"]
    if not arguments:
        return
    word, name = arguments[0]
    if not _BUCKET.fullmatch(PLACEHOLDERS.sub(STAND_IN, name)) and not re.search(r"[$<\[{]", name):
        problem = f'"{name}" is no bucket name: letters, digits, "_" and "-" only'
        yield view.found(word.span, {"problem": problem})


def _bucket_limits(view: ShellView, nodes: tuple[Word, ...], words: list[str]) -> Iterator[Found]:
    for index, text in enumerate(words):
        match = re.fullmatch(r"--(history|replicas)(?:=(-?\d+))?", text)
        if match is None:
            continue
        value = match[2] or (words[index + 1] if index + 1 < len(words) else "")
        # No replicas means one.
        least, most = (1, MAX_HISTORY) if match[1] == "history" else (0, MAX_REPLICAS)
        if re.fullmatch(r"-?\d+", value) and not least <= int(value) <= most:
            yield view.found(nodes[index].span, {"problem": f"{match[1]} must be 1 to {most}, not {value}"})


_LIMITS = words("history ttl marker-ttl replicas max-value-size max-bucket-size")
_PLACEMENT = words("description tags cluster compress metadata source")
_REPUBLISHING = words("republish-source republish-destination republish-headers")
#: Sub-commands of `nats kv` with the flags of their own, as version 0.4.0 has them; those of all are `_GLOBAL_FLAGS`.
_KV_COMMANDS: dict[str, frozenset[str]] = {
    "add": _LIMITS | _PLACEMENT | _REPUBLISHING | {"storage", "mirror", "mirror-domain"},
    "put": frozenset(),
    "get": frozenset({"revision", "raw"}),
    "create": frozenset({"ttl"}),
    "update": frozenset(),
    "del": frozenset({"force"}),
    "purge": frozenset({"force", "ttl"}),
    "history": frozenset(),
    "revert": frozenset({"force"}),
    "info": frozenset(),
    "watch": frozenset({"history", "deletes", "updates", "revision"}),
    "ls": frozenset({"names", "verbose", "display-value"}),
    "compact": frozenset({"force"}),
    "edit": _LIMITS | _PLACEMENT | _REPUBLISHING | {"no-mirror"},
}
_KV_ALIASES = {"new": "add", "delete": "", "rm": "del", "status": "info", "view": "info", "list": "ls"}
_GLOBAL_FLAGS = words(
    """
    server user password token connection-name creds nkey jwt seed tlscert tlskey tlsca tlsfirst timeout socks-proxy
    js-api-prefix js-event-prefix js-domain inbox-prefix colors context trace no-context help version
    """
)


def unknown_nats_command(context: Context) -> Iterator[Found]:
    """Sub-commands and flags of `nats kv` that the tool does not have."""
    for view in context.all_shell("nats"):
        for command in view.facts.nats:
            words = [written(view.script, word) for word in command.words]
            if len(words) < 3 or words[1] != "kv":
                continue
            found = next(((i, w) for i, w in enumerate(words) if i > 1 and not w.startswith("-")), None)
            if found is None or re.search(r"[$\[{<|]", found[1]):
                continue
            index, verb = found
            verb = _KV_ALIASES.get(verb, verb) or verb
            if verb not in _KV_COMMANDS:
                known = ", ".join(_KV_COMMANDS)
                values = {"problem": f'there is no "nats kv {verb}"', "known": known}
                yield view.found(command.words[index].span, values)
                continue
            for node, text in zip(command.words, words, strict=True):
                flag = re.fullmatch(r"--(?:no-)?([a-z][a-z-]*)(?:=.*)?", text, re.DOTALL)
                allowed = _KV_COMMANDS[verb] | _GLOBAL_FLAGS
                if flag and flag[1] not in allowed and f"no-{flag[1]}" not in allowed:
                    shown = text.split("=", 1)[0]
                    values = {"problem": f'"nats kv {verb}" has no {shown}', "known": _flags(_KV_COMMANDS[verb])}
                    yield view.found(node.span, values)


def _flags(names: frozenset[str]) -> str:
    return ", ".join(f"--{name}" for name in sorted(names)) or "none of its own"


_SCRAPERS = frozenset({"grep", "egrep", "awk", "sed", "cut", "tail", "head", "wc"})
_TABLES = frozenset({"info", "ls", "history", "status", "report"})


def _is_for_people(words: list[str]) -> bool:
    """Whether the output is a table or a page for people, of which nothing promises that it stays as it is."""
    if words[1:3] == ["kv", "get"]:
        return "--raw" not in words
    return words[2] in _TABLES and "--json" not in words and "-j" not in words


def scraped_output(context: Context) -> Iterator[Found]:
    """Tables of the `nats` tool that are cut up into values."""
    for view in context.executed("nats", "|"):
        for node in walk(view.script.commands):
            if not isinstance(node, Pipe) or not isinstance(node.commands[0], Simple):
                continue
            words = [written(view.script, word) for word in node.commands[0].words]
            if len(words) < 3 or words[0] != "nats" or not _is_for_people(words):
                continue
            if words[2] == "ls" and ("--names" in words or "-n" in words or words[1] == "kv"):
                continue
            after = [part.name for part in node.commands[1:] if isinstance(part, Simple)]
            if any(name in _SCRAPERS for name in after):
                values = {"command": " ".join(words[:3]), "step": step_label(view.step)}
                yield view.found(node.span, values)


def replicas_need_cluster(context: Context) -> Iterator[Found]:
    """Buckets with more than one replica: a single server refuses them."""
    for view in context.all_shell("replicas"):
        for command in view.facts.nats:
            words = [written(view.script, word) for word in command.words]
            if words[1:3] != ["kv", "add"]:
                continue
            for index, text in enumerate(words):
                match = re.fullmatch(r"--replicas(?:=(\d+))?", text)
                value = match and (match[1] or (words[index + 1] if index + 1 < len(words) else ""))
                if value and value.isdigit() and 1 < int(value) <= MAX_REPLICAS:
                    yield view.found(command.words[index].span, {"replicas": value})


_PROVISIONED_IN_WORDS = regex(
    r"\b(?:creat|initialis|initializ|provision|set(?:ting)?[ -]?up|ensur|add)\w*\b[^.\n]{0,60}\b(?:bucket|kv store)"
    r"|\bbucket\b[^.\n]{0,60}\b(?:creat|initialis|initializ|provision|exist|availab|ready|set ?up)\w*",
    re.IGNORECASE,
)
_MADE_IN_A_SENTENCE = regex(r"`nats kv (?:add|new|info|status) ([\w-]+)[^`\n]*`")
_OTHER_INSTRUCTION = regex(r"@?[\w./~-]*instructions?/[\w./-]+\.md|^requires:", re.MULTILINE)


def unprovisioned_bucket(context: Context) -> Iterator[Found]:
    """Buckets that are used in the flow, where neither it nor a file it refers to makes or checks them."""
    text = context.file.source.text
    if _PROVISIONED_IN_WORDS.search(text) or _OTHER_INSTRUCTION.search(text):
        return
    # A command in a sentence counts: "look with `nats kv info jobs` whether it is there".
    made = {match[1] for match in _MADE_IN_A_SENTENCE.finditer(text)}
    uses: dict[str, Found] = {}
    for view in context.all_shell("nats"):
        made.update(_as_stream(view))
        for use in view.facts.kv:
            bucket = view.resolved(use.bucket or "")
            if use.verb in ("add", "new", "info", "status"):
                made.add(bucket)
            elif use.key is not None and _BUCKET.fullmatch(bucket) and bucket not in uses:
                uses[bucket] = view.found(use.span, {"bucket": bucket, "step": step_label(view.step)})
    for step, container in context.logic():
        for node in walk_logic(container.reading.statements):
            effect = getattr(node, "effect", None)
            if isinstance(effect, (BucketInfo, BucketAdd)):
                made.add(as_written(effect.bucket))
            elif isinstance(effect, _KEY_EFFECTS) and _BUCKET.fullmatch(bucket := as_written(effect.bucket)):
                uses.setdefault(bucket, Found(node.span, {"bucket": bucket, "step": step_label(step)}))
    yield from (found for bucket, found in uses.items() if bucket not in made)


def _as_stream(view: ShellView) -> Iterator[str]:
    """The buckets that are made or looked at as the stream that each of them is."""
    for command in view.facts.nats:
        words = [view.resolved(written(view.script, word)) for word in command.words]
        if words[1:2] in (["stream"], ["str"]) and words[2:3] in (["add"], ["info"]):
            yield from (word.removeprefix("KV_") for word in words[3:] if word.startswith("KV_"))


DETECTORS = (
    invalid_key,
    invalid_bucket,
    unknown_nats_command,
    scraped_output,
    unprovisioned_bucket,
    replicas_need_cluster,
)

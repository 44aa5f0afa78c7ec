"""Effects of the IR, carried out on a world and told as events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from peerlint.process.model import (
    BucketAdd,
    BucketInfo,
    Clauses,
    Effect,
    FileDelete,
    FileRead,
    FileWrite,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    KvWait,
    Publish,
    Request,
    Run,
    ServerCheck,
    Text,
)
from peerlint.records import dataclass, replace
from peerlint.run import jsontext
from peerlint.run.events import CheckEvent, Event, FileEvent, KvEvent, MessageEvent, MessageKind
from peerlint.run.natsargs import bad_command, bucket_of
from peerlint.run.values import Evaluator, Missing, bad_value, to_integer, without_last_newlines
from peerlint.run.world import Cause, EffectFailure

#: Names that an effect binds, and what they become; None is missing.
Bindings = dict[str, str | None]

_WAIT_SECONDS = 60.0
_REQUEST_SECONDS = 5.0


def names_of(effect: Effect) -> list[str]:
    """The names that an effect binds when it succeeds."""
    slots = ("name", "revision", "history", "replicas")
    found = (getattr(effect, slot, None) for slot in slots if not (slot == "revision" and isinstance(effect, KvUpdate)))
    return [name for name in found if isinstance(name, str)]


@dataclass(slots=True)
class _Streams:
    """What the lines of a RUN have written so far."""

    stdout: str = ""
    stderr: str = ""


class Effects:
    """Carries out effects. Every method raises EffectFailure when the effect fails."""

    def __init__(self, evaluator: Evaluator, emit: Callable[[Event], None]) -> None:
        self._values = evaluator
        self._world = evaluator.world
        self._emit = emit

    def perform(self, effect: Effect, clauses: Clauses) -> Bindings:
        """Does it; the names that it binds, `error` included."""
        match effect:
            case Run():
                return self._run(effect, clauses)
            case ServerCheck():
                return self._server_check(effect)
            case BucketInfo():
                return self._bucket_info(effect)
            case BucketAdd():
                return self._bucket_add(effect)
            case FileRead() | FileWrite() | FileDelete():
                return self._file(effect)
            case Publish() | Request():
                return self._message(effect, clauses)
            case _:
                return self._kv(effect, clauses)

    # --- NATS -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _told(self, event: KvEvent) -> Iterator[None]:
        """Tells the operation when it fails; the success is told by the caller, who knows the revision."""
        try:
            yield
        except EffectFailure as failure:
            self._emit(replace(event, cause=failure.cause.value))
            raise

    def _bucket(self, text: Text) -> str:
        return self._values.text(text, Missing.FAILS)

    def _kv(
        self,
        effect: KvGet | KvPut | KvCreate | KvUpdate | KvDelete | KvPurge | KvKeys | KvHistory | KvWait,
        clauses: Clauses,
    ) -> Bindings:
        bucket = self._bucket(effect.bucket)
        if isinstance(effect, KvKeys):
            return {effect.name: "\n".join(self._values.keys(bucket))}
        key = self._values.text(effect.key, Missing.FAILS)
        match effect:
            case KvGet():
                return self._get(effect, bucket, key)
            case KvPut() | KvCreate() | KvUpdate():
                self._write(effect, bucket, key)
            case KvDelete():
                event = KvEvent("delete", bucket, key)
                with self._told(event):
                    self._world.kv_delete(bucket, key)
                self._emit(event)
            case KvPurge():
                event = KvEvent("purge", bucket, key)
                with self._told(event):
                    self._world.kv_purge(bucket, key)
                self._emit(event)
            case KvHistory():
                return self._history(effect, bucket, key)
            case KvWait():
                value = self._values.required(effect.value, "the value to wait for")
                event = KvEvent("wait", bucket, key, value)
                with self._told(event):
                    self._world.kv_wait(bucket, key, value, _seconds(clauses, _WAIT_SECONDS))
                self._emit(event)
        return {}

    def _get(self, effect: KvGet, bucket: str, key: str) -> Bindings:
        event = KvEvent("get", bucket, key)
        with self._told(event):
            entry = self._world.kv_get(bucket, key)
        self._emit(replace(event, value=entry.value, revision=entry.revision))
        bindings: Bindings = {effect.name: without_last_newlines(entry.value)}
        if effect.revision is not None:
            bindings[effect.revision] = str(entry.revision)
        return bindings

    def _write(self, effect: KvPut | KvCreate | KvUpdate, bucket: str, key: str) -> None:
        value = self._values.required(effect.value, "the value to store")
        match effect:
            case KvPut():
                event = KvEvent("put", bucket, key, value)
                with self._told(event):
                    revision = self._world.kv_put(bucket, key, value)
            case KvCreate():
                event = KvEvent("create", bucket, key, value)
                with self._told(event):
                    revision = self._world.kv_create(bucket, key, value)
            case KvUpdate(revision=name):
                expected = to_integer(self._values.variables.get(name))
                if expected is None or expected < 0:
                    raise bad_value(f"{name} holds no revision")
                event = KvEvent("update", bucket, key, value, expected)
                with self._told(event):
                    revision = self._world.kv_update(bucket, key, value, expected)
        self._emit(replace(event, revision=revision))

    def _history(self, effect: KvHistory, bucket: str, key: str) -> Bindings:
        event = KvEvent("history", bucket, key)
        with self._told(event):
            entries = self._world.kv_history(bucket, key)
        self._emit(event)
        items: list[jsontext.Json] = [
            {"revision": jsontext.Literal(str(one.revision)), "operation": one.operation, "value": one.value}
            for one in entries
        ]
        return {effect.name: jsontext.dump(items)}

    def _server_check(self, effect: ServerCheck) -> Bindings:
        lines = effect.command.lines if effect.command else ()
        asked = not lines
        for line in lines:
            pipeline = self._values.pipeline(line)
            if pipeline[0][:1] == ["nats"] and len(pipeline) == 1:
                asked = True
            elif (code := self._values.run(pipeline, "").code) != 0:
                raise EffectFailure(Cause.EXIT, f"{pipeline[-1][0]} ended with exit status {code}", code)
        if asked:
            try:
                self._world.server_check()
            except EffectFailure as failure:
                self._emit(CheckEvent("server", cause=failure.cause.value))
                raise
            self._emit(CheckEvent("server"))
        return {}

    def _bucket_info(self, effect: BucketInfo) -> Bindings:
        bucket = self._bucket(effect.bucket)
        try:
            config = self._world.bucket_info(bucket)
        except EffectFailure as failure:
            self._emit(CheckEvent("bucket", bucket, cause=failure.cause.value))
            raise
        self._emit(CheckEvent("bucket", bucket, config.history, config.replicas))
        bindings: Bindings = {}
        if effect.history is not None:
            bindings[effect.history] = str(config.history)
        if effect.replicas is not None:
            bindings[effect.replicas] = str(config.replicas)
        return bindings

    def _bucket_add(self, effect: BucketAdd) -> Bindings:
        name = self._bucket(effect.bucket)
        lines = [self._values.pipeline(line) for line in effect.command.lines]
        if len(lines) != 1 or len(lines[0]) != 1:
            raise bad_command("the block must hold one line: nats kv add BUCKET with its options")
        config = bucket_of(lines[0][0], name)
        event = KvEvent("add", name, value=f"history={config.history} replicas={config.replicas}")
        with self._told(event):
            self._world.bucket_add(config)
        self._emit(event)
        return {}

    def _message(self, effect: Publish | Request, clauses: Clauses) -> Bindings:
        subject = self._values.text(effect.subject, Missing.FAILS)
        value = self._values.required(effect.value, "the message")
        if isinstance(effect, Publish):
            event = KvEvent("publish", key=subject, value=value)
            with self._told(event):
                self._world.publish(subject, value)
            self._emit(event)
            return {}
        event = KvEvent("request", key=subject, value=value)
        with self._told(event):
            reply = self._world.request(subject, value, _seconds(clauses, _REQUEST_SECONDS))
        self._emit(event)
        return {effect.name: without_last_newlines(reply)}

    # --- files and commands -----------------------------------------------------------------------------------------

    def _file(self, effect: FileRead | FileWrite | FileDelete) -> Bindings:
        path = self._values.text(effect.path, Missing.FAILS)
        event = FileEvent("read", path)
        bindings: Bindings = {}
        if isinstance(effect, FileDelete):
            event = FileEvent("delete", path)
        elif isinstance(effect, FileWrite):
            text = self._values.required(effect.value, "the text of the file")
            text += "" if effect.nothing_if_empty and not text else "\n"
            event = FileEvent("append" if effect.append else "write", path, text)
        try:
            match effect:
                case FileRead(name=name):
                    bindings[name] = without_last_newlines(self._world.file_read(path))
                case FileWrite(append=append):
                    self._world.file_write(path, event.text or "", append)
                case FileDelete():
                    self._world.file_delete(path)
        except EffectFailure as failure:
            self._emit(replace(event, cause=failure.cause.value))
            raise
        self._emit(event)
        return bindings

    def _run(self, effect: Run, clauses: Clauses) -> Bindings:
        stdin = "" if effect.input is None else self._values.required(effect.input, "the input") + "\n"
        seconds = clauses.within.seconds if clauses.within else None
        streams = _Streams()
        for number, line in enumerate(effect.command.lines):
            pipeline = self._values.pipeline(line)
            try:
                done = self._values.run(pipeline, stdin if number == 0 else "", seconds)
            except EffectFailure as failure:
                failure.output = self._captured(streams, clauses)
                raise
            streams.stdout += done.stdout
            streams.stderr += done.stderr
            self._show(effect, clauses, done.stdout, done.stderr)
            if done.code != 0:
                message = f"{pipeline[-1][0]} ended with exit status {done.code}"
                if clauses.error is not None:
                    message = without_last_newlines(streams.stderr) or message
                raise EffectFailure(Cause.EXIT, message, done.code, self._captured(streams, clauses))
        bindings: Bindings = {}
        if effect.name is not None:
            bindings[effect.name] = self._captured(streams, clauses)
        if clauses.error is not None:
            bindings[clauses.error] = without_last_newlines(streams.stderr)
        return bindings

    def _captured(self, streams: _Streams, clauses: Clauses) -> str:
        both = streams.stdout + (streams.stderr if clauses.errors_included else "")
        return without_last_newlines(both)

    def _show(self, effect: Run, clauses: Clauses, stdout: str, stderr: str) -> None:
        """Output and errors are shown unless they are captured or hidden."""
        if effect.name is None and not clauses.output_hidden and not clauses.quietly:
            self._speak(MessageKind.OUTPUT, stdout)
        captured = clauses.error is not None or (clauses.errors_included and effect.name is not None)
        if not captured and not clauses.errors_hidden and not clauses.quietly:
            self._speak(MessageKind.OUTPUT if clauses.errors_included else MessageKind.TOOL, stderr)

    def _speak(self, kind: MessageKind, text: str) -> None:
        shown = without_last_newlines(text)
        if shown:
            self._emit(MessageEvent(kind, shown))


def _seconds(clauses: Clauses, default: float) -> float:
    return clauses.within.seconds if clauses.within else default

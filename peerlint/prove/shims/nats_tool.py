"""A bundled `nats`: the key-value commands of the real tool, with its texts and exit codes, on a real server.

Times are a fixed instant, so that two runs give the same text. A single server refuses more than one replica: the
number that was asked for is remembered and shown, one is made.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .instant import INSTANT
from .nats_line import NatsCall
from .wire import BadSubject, NoResponders, Reply, Request, ServerError, TooLarge, Wire

#: Most bytes of a value that `kv get` shows without `--raw`.
_SHOWN = 120
#: What the server says of a write to another revision, of a key without a message, and of a name that it still deletes.
_WRONG_SEQUENCE, _NO_MESSAGE, STORE_BUSY = frozenset({10071, 10164}), 10037, 10049
_NAME_IN_USE = 10058
#: The code of an answer that there is no such thing.
NOT_FOUND = 404
_ATTEMPTS = 20
#: Headers of a write: which revision it expects, and that it deletes.
_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
DELETED = {"KV-Operation": "DEL"}
_OPERATION = re.compile(rb"^KV-Operation:[ \t]*(\w+)", re.MULTILINE)
_KEY = re.compile(r"[-/_=.a-zA-Z0-9]+\Z")
_BUCKET = re.compile(r"[a-zA-Z0-9_-]+\Z")
_SUFFIXES = {"": 1, "B": 1, "K": 1 << 10, "KB": 1 << 10, "M": 1 << 20, "MB": 1 << 20, "G": 1 << 30, "GB": 1 << 30}
_NANOSECONDS = 1_000_000_000
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Message:
    """A write to a key: its sequence in the bucket, `PUT`, `DEL` or `PURGE`, and the value."""

    key: str
    sequence: int
    operation: str
    value: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call of a tool leaves."""

    code: int = 0
    stdout: str = ""
    stderr: str = ""


def failed(message: str, code: int = 1) -> Answer:
    """A failure in the words of the tool."""
    return Answer(code, "", f"nats: error: {message}\n")


SERVER_AWAY = failed("nats: no servers available for connection")
DENIED = failed("context deadline exceeded")


class Rejected(Exception):
    """A failure that the tool itself finds, before the server is asked or instead of what it says."""


class NatsTool:
    """Answers calls on one connection. `replicas` remembers how many were asked for, by bucket."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.replicas: dict[str, int] = {}

    def call(self, call: NatsCall, stdin: str | None) -> Answer:
        """The answer to a call; `stdin` is what a call without a value was fed with."""
        method = getattr(self, "_" + "_".join(call.operation.split()), None)
        if method is None:
            return failed(f"peerlint's nats does not know: {' '.join(call.command)}")
        try:
            answer: Answer = method(call.operands, call.flags, stdin)
        except (OSError, Rejected, ServerError, NoResponders, TooLarge, BadSubject) as error:
            return failed(_explain(call, error))
        return answer

    # --- buckets -----------------------------------------------------------------------------------------------------

    def _kv_ls(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        buckets = sorted(self.buckets(), key=lambda info: str(info["config"]["name"]))
        names = [str(info["config"]["name"]).removeprefix("KV_") for info in buckets]
        if "names" in flags:
            return Answer(stdout="".join(f"{name}\n" for name in names))
        if not names:
            return Answer(stdout="No Key-Value buckets found\n")
        rows = [
            (
                name,
                info["config"].get("description") or "",
                INSTANT,
                _size(info["state"]["bytes"]),
                str(info["state"]["messages"]),
                "0s" if info["state"]["messages"] else "never",
            )
            for name, info in zip(names, buckets, strict=True)
        ]
        titles = ("Bucket", "Description", "Created", "Size", "Values", "Last Update")
        return Answer(stdout=table("Key-Value Buckets", titles, rows) + "\n")

    def buckets(self) -> list[dict[str, Any]]:
        """What the server says of each stream that is a bucket."""
        return [info for info in self.streams() if str(info["config"]["name"]).startswith("KV_")]

    def streams(self) -> list[dict[str, Any]]:
        """What the server says of each stream."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.ask("STREAM.LIST", {"offset": len(found)})
            found += page["streams"] or []
            if len(found) >= page["total"] or not page["streams"]:
                return found

    def _bucket_add(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        bucket = operands["bucket"]
        _want(_BUCKET.match(bucket), "nats: invalid bucket name")
        history = int(flags.get("history", "1"))
        _want(history >= 1, "history: must be greater than or equal to 1")
        _want(history <= 64, "history: must be less than or equal to 64")
        replicas = int(flags.get("replicas", "1"))
        ttl = _seconds(flags.get("ttl", ""))
        config = stream_config(
            bucket,
            history=history,
            ttl=ttl,
            description=flags.get("description") or None,
            max_value=_bytes(flags.get("max-value-size", "")),
            max_bucket=_bytes(flags.get("max-bucket-size", "")),
            memory=flags.get("storage", "file").lower() in ("memory", "m"),
            compress="compress" in flags,
        )
        known = self.replicas.get(bucket)
        if known is not None and known != replicas and self._exists(bucket):
            raise Rejected(_IN_USE.format(bucket=bucket))
        self.create(config)
        self.replicas[bucket] = replicas
        return self._bucket_info(operands, {}, None)

    def _exists(self, bucket: str) -> bool:
        try:
            self.ask(f"STREAM.INFO.KV_{bucket}")
        except ServerError as error:
            if error.code != NOT_FOUND:
                raise
            return False
        return True

    def _bucket_info(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        bucket = operands.get("bucket", "")
        _want(bucket, "cannot prompt for user input without a terminal")
        _want(_BUCKET.match(bucket), "nats: invalid bucket name")
        info = self.ask(f"STREAM.INFO.KV_{bucket}")
        return Answer(stdout=_info_block(bucket, info, self.replicas.get(bucket, 1)))

    def _bucket_delete(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        _want("force" in flags, "cannot ask for confirmation without a terminal")
        stream = f"KV_{operands['bucket']}"
        self.ask(f"STREAM.DELETE.{stream}")
        self.forget(stream)
        return Answer()

    # --- keys --------------------------------------------------------------------------------------------------------

    def _kv_get(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        bucket, key = self._place(operands)
        if "revision" in flags:
            message = self._message(bucket, {"seq": int(flags["revision"])})
        else:
            message = self._message(bucket, {"last_by_subj": f"$KV.{bucket}.{key}"})
        _want(message.key == key and message.operation == "PUT", "nats: key not found")
        value = message.value
        if "raw" in flags:
            return Answer(stdout=value)
        head = f"{bucket} > {key} revision: {message.sequence} created @ {INSTANT}\n\n"
        size = len(value.encode("utf-8", "surrogateescape"))
        if size > _SHOWN:
            cut = f"Showing first {_SHOWN} bytes of {size}, use --raw for full data\n\n{_cut(value)}\n\n"
            return Answer(stdout=head + cut)
        return Answer(stdout=f"{head}{value}\n\n")

    def _kv_put(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        bucket, key = self._place(operands)
        self.write(bucket, key, _value(operands, stdin))
        return Answer(stdout=operands.get("value", "") + "\n")

    def _kv_create(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        bucket, key = self._place(operands)
        value = _value(operands, stdin)
        try:
            self.write(bucket, key, value, {_EXPECTED: "0"})
        except ServerError as error:
            if error.err_code not in _WRONG_SEQUENCE:
                raise
            latest = self._message(bucket, {"last_by_subj": f"$KV.{bucket}.{key}"})
            if latest.operation == "PUT":
                raise
            # A marker of a deletion is no key.
            self.write(bucket, key, value, {_EXPECTED: str(latest.sequence)})
        return Answer(stdout=operands.get("value", "") + "\n")

    def _kv_update(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        if not operands["revision"].isdecimal():
            raise Rejected(f'strconv.ParseUint: parsing "{operands["revision"]}": invalid syntax')
        bucket, key = self._place(operands)
        self.write(bucket, key, _value(operands, stdin), {_EXPECTED: str(int(operands["revision"]))})
        return Answer(stdout=operands["value"] + "\n")

    def _kv_del(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        _want("force" in flags, "cannot ask for confirmation without a terminal")
        bucket, key = self._place(operands)
        self.write(bucket, key, b"", DELETED)
        return Answer()

    def _kv_purge(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        _want("force" in flags, "cannot ask for confirmation without a terminal")
        bucket, key = self._place(operands)
        self.write(bucket, key, b"", {"KV-Operation": "PURGE", "Nats-Rollup": "sub"})
        return Answer()

    def _kv_keys(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        bucket = operands["bucket"]
        _want(_BUCKET.match(bucket), "nats: invalid bucket name")
        try:
            messages = self.latest(bucket)
        except ServerError as error:
            if error.code != NOT_FOUND:
                raise
            raise Rejected("unable to load bucket: nats: bucket not found") from None
        keys = [message.key for message in messages if message.operation == "PUT"]
        return Answer(stdout="".join(f"{key}\n" for key in keys) or "No keys found in bucket\n")

    def _kv_history(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        bucket, key = self._place({"key": "", **operands})
        self.ask(f"STREAM.INFO.KV_{bucket}")
        rows = [
            (key, str(message.sequence), message.operation, INSTANT, str(len(message.value)), message.value)
            for message in self._writes(bucket, key)
        ]
        _want(rows, "nats: key not found")
        titles = ("Key", "Revision", "Op", "Created", "Length", "Value")
        return Answer(stdout=table(f"History for {bucket} > {key}", titles, rows) + "\n")

    def _place(self, operands: dict[str, str]) -> tuple[str, str]:
        """The bucket and the key that a call names; the tool looks the bucket up before it looks at the key."""
        bucket, key = operands["bucket"], operands["key"]
        _want(_BUCKET.match(bucket), "nats: invalid bucket name")
        if not is_key(key):
            self.ask(f"STREAM.INFO.KV_{bucket}")
            raise Rejected("nats: invalid key")
        return bucket, key

    # --- requests ----------------------------------------------------------------------------------------------------

    def ask(self, subject: str, form: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request to the API of the server. Raises ServerError where the server refuses."""
        return _checked(self.wire.request(f"$JS.API.{subject}", b"" if form is None else json.dumps(form).encode()))

    def ask_all(self, subjects: Sequence[tuple[str, Mapping[str, Any] | None]]) -> list[Reply]:
        """Many requests to the API that do not hang on each other."""
        return self.wire.request_all(
            [Request(f"$JS.API.{name}", b"" if form is None else json.dumps(form).encode()) for name, form in subjects]
        )

    def write(self, bucket: str, key: str, value: bytes, headers: dict[str, str] | None = None) -> None:
        """One write to a key. Raises ServerError where the server refuses."""
        try:
            reply = self.wire.request(f"$KV.{bucket}.{key}", value, headers)
        except NoResponders:
            self.ask(f"STREAM.INFO.KV_{bucket}")  # says that there is no bucket, or no JetStream
            raise Rejected("nats: no response from stream") from None
        _checked(reply)

    def create(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Makes a bucket; what the server says of it. Right after a deletion the server may refuse for a moment."""
        for _ in range(_ATTEMPTS):
            try:
                return self.ask(f"STREAM.CREATE.{config['name']}", config)
            except ServerError as error:
                if error.err_code != STORE_BUSY:
                    raise
                time.sleep(0.01)
        return self.ask(f"STREAM.CREATE.{config['name']}", config)

    def forget(self, stream: str) -> None:
        """Waits until the server has forgotten a deleted stream.

        For a moment it fills a new one of that name with the old messages (2.15.1: 73 of 3,621).
        """
        for _ in range(_ATTEMPTS):
            made = self.create({"name": stream, "subjects": [stream]})
            self.ask(f"STREAM.DELETE.{stream}")
            if made["state"]["last_seq"] == 0:
                return
        raise TimeoutError

    def latest(self, bucket: str) -> list[Message]:
        """The last write to each key of a bucket, markers of deletion too, oldest first."""
        return self.latest_of([bucket])[bucket]

    def latest_of(self, buckets: Sequence[str]) -> dict[str, list[Message]]:
        """The same for many buckets. Raises ServerError where one is not there."""
        infos = self.ask_all([(f"STREAM.INFO.KV_{bucket}", {"subjects_filter": ">"}) for bucket in buckets])
        keys = [
            (bucket, subject)
            for bucket, reply in zip(buckets, infos, strict=True)
            for subject in answered(reply)["state"].get("subjects") or {}
        ]
        replies = self.ask_all([(f"STREAM.MSG.GET.KV_{bucket}", {"last_by_subj": subject}) for bucket, subject in keys])
        found: dict[str, list[Message]] = {bucket: [] for bucket in buckets}
        for (bucket, _), reply in zip(keys, replies, strict=True):
            found[bucket].append(_read(bucket, answered(reply)))
        for messages in found.values():
            messages.sort(key=lambda message: message.sequence)
        return found

    def _writes(self, bucket: str, key: str) -> Iterator[Message]:
        """The writes to a key that the bucket still holds, oldest first."""
        first = 0
        while True:
            try:
                message = self._message(bucket, {"seq": first, "next_by_subj": f"$KV.{bucket}.{key}"})
            except ServerError as error:
                if error.code != NOT_FOUND:
                    raise
                return
            yield message
            first = message.sequence + 1

    def _message(self, bucket: str, wanted: Mapping[str, Any]) -> Message:
        return _read(bucket, self.ask(f"STREAM.MSG.GET.KV_{bucket}", wanted))

    # --- messages and server -----------------------------------------------------------------------------------------

    def _pub(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        body = operands.get("body", stdin or "").encode("utf-8", "surrogateescape")
        self.wire.publish(operands["subject"], body)
        return Answer(stderr=f'{INSTANT[11:]} Published {len(body)} bytes to "{operands["subject"]}"\n')

    def _req(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        subject = operands["subject"]
        body = operands.get("body", stdin or "").encode("utf-8", "surrogateescape")
        said = f'{INSTANT[11:]} Sending request on "{subject}"\n'
        try:
            reply = self.wire.request(subject, body, seconds=_seconds(flags.get("timeout", "5s")))
        except NoResponders:
            return Answer(stderr=f"{said}{INSTANT[11:]} No responders are available\n")
        text = reply.decode("utf-8", "surrogateescape")
        return Answer(stdout=text if "raw" in flags else f"{text}\n\n", stderr=said)

    def _rtt(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        url = self.wire.url
        return Answer(stdout=f"{url}:\n\n   {url}: 100µs\n\n")

    def _server_check_connection(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        return Answer(stdout="OK Connection OK:connected in 1ms | connect_time=0.0010s\n")

    def _server_check_jetstream(self, operands: dict[str, str], flags: dict[str, str], stdin: str | None) -> Answer:
        return Answer(stdout="OK JetStream OK:0 streams | memory=0B storage=0B\n")


def _checked(reply: bytes) -> dict[str, Any]:
    """What the API answers. Raises ServerError where it refuses."""
    answer: dict[str, Any] = json.loads(reply)
    if "error" in answer:
        said = answer["error"]
        raise ServerError(int(said["code"]), int(said.get("err_code") or 0), str(said.get("description") or ""))
    return answer


def answered(reply: Reply) -> dict[str, Any]:
    """What the API answers in one reply of many. Raises ServerError or NoResponders."""
    if reply.nobody:
        raise NoResponders
    return _checked(reply.data)


def _read(bucket: str, answer: Mapping[str, Any]) -> Message:
    message = answer["message"]
    operation = _OPERATION.search(base64.b64decode(message.get("hdrs") or ""))
    value = base64.b64decode(message.get("data") or "").decode("utf-8", "surrogateescape")
    key = message["subject"].removeprefix(f"$KV.{bucket}.")
    return Message(key, message["seq"], operation[1].decode() if operation else "PUT", value)


def _explain(call: NatsCall, error: Exception) -> str:
    """The text of the tool for a failure."""
    bucket = call.operands.get("bucket", "")
    match error:
        case ServerError(err_code=code) if code in _WRONG_SEQUENCE:
            kind = ": key exists" if call.operation == "kv create" else ""
            return f"nats: nats: API error: code=400 err_code=10071 description={error.description}{kind}"
        case ServerError(err_code=code) if code == _NO_MESSAGE:
            return "nats: key not found"
        case ServerError(code=code) if code == NOT_FOUND and call.operation == "bucket delete":
            return (
                f"nats: bucket not found: {bucket}\n"
                "nats: API error: code=404 err_code=10059 description=stream not found"
            )
        case ServerError(code=code) if code == NOT_FOUND:
            return "nats: bucket not found"
        case ServerError(err_code=code) if code == _NAME_IN_USE:
            return _IN_USE.format(bucket=bucket)
        case ServerError():
            return f"nats: {error}"
        case TimeoutError():
            return "context deadline exceeded"
        case TooLarge():
            return "nats: maximum payload exceeded"
        case BadSubject():
            return "nats: invalid subject"
        case NoResponders():
            return "nats: no responders available for request"
    return str(error)


_IN_USE = (
    "nats: bucket name already in use: {bucket}\n"
    "nats: API error: code=400 err_code=10058 description=stream name already in use"
)


def stream_config(
    bucket: str,
    *,
    history: int = 1,
    ttl: float = 0,
    description: str | None = None,
    max_value: int = -1,
    max_bucket: int = -1,
    memory: bool = False,
    compress: bool = False,
) -> dict[str, Any]:
    """The stream that the real tool makes for a bucket; the client library would make another one."""
    config: dict[str, Any] = {
        "name": f"KV_{bucket}",
        "subjects": [f"$KV.{bucket}.>"],
        "max_msgs_per_subject": history,
        "max_bytes": max_bucket,
        "max_age": int(ttl * _NANOSECONDS),
        "max_msg_size": max_value,
        "max_msgs": -1,
        "max_consumers": -1,
        "storage": "memory" if memory else "file",
        "num_replicas": 1,
        "duplicate_window": int((min(120.0, ttl) if ttl else 120.0) * _NANOSECONDS),
        "discard": "new",
        "deny_delete": True,
        "allow_rollup_hdrs": True,
        "allow_direct": True,
        "compression": "s2" if compress else "none",
    }
    return config if description is None else {**config, "description": description}


def table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table as the tool draws it; numbers are not aligned to the right."""
    widths = [max(len(row[at]) for row in [columns, *rows]) for at in range(len(columns))]
    inner = sum(widths) + 3 * len(widths) - 1

    def line(cells: tuple[str, ...]) -> str:
        return "│" + "│".join(f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True)) + "│\n"

    def rule(left: str, between: str, right: str) -> str:
        return left + between.join("─" * (width + 2) for width in widths) + right + "\n"

    return (
        f"╭{'─' * inner}╮\n│{title:^{inner}}│\n"
        + rule("├", "┬", "┤")
        + line(columns)
        + rule("├", "┼", "┤")
        + "".join(line(row) for row in rows)
        + rule("╰", "┴", "╯")
    )


def _info_block(bucket: str, info: Mapping[str, Any], replicas: int) -> str:
    config, state = info["config"], info["state"]
    age = int(config.get("max_age") or 0) / _NANOSECONDS
    rows = [
        ("Bucket Name", bucket),
        ("History Kept", str(config["max_msgs_per_subject"])),
        ("Values Stored", str(state["messages"])),
        ("Compressed", "true" if config.get("compression") == "s2" else "false"),
        ("Per-Key TTL Supported", "false"),
        ("Backing Store Kind", "JetStream"),
        *([("Description", config["description"])] if config.get("description") else []),
        ("Bucket Size", _size(state["bytes"])),
        ("Maximum Bucket Size", _limit(config.get("max_bytes"))),
        ("Maximum Value Size", _limit(config.get("max_msg_size"))),
        ("Maximum Age", f"{age:g}s" if age else "unlimited"),
        ("JetStream Stream", f"KV_{bucket}"),
        ("Storage", "Memory" if config["storage"] == "memory" else "File"),
    ]
    cluster = [
        ("Name", ""),
        ("Leader", "n0"),
        *(("Replica", f"n{at}, current, seen 0s ago") for at in range(1, replicas)),
    ]
    return (
        f"Information for Key-Value Store Bucket {bucket} created {INSTANT}\n\nConfiguration:\n\n"
        + "".join(f"{label:>23}: {value}\n" for label, value in rows)
        + "\nCluster Information:\n\n"
        + "".join(f"{label:>23}: {value}\n" for label, value in cluster)
    )


def _limit(value: int | None) -> str:
    return "unlimited" if value is None or value < 0 else _size(value)


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    for power, unit in enumerate(("KiB", "MiB"), start=1):
        if count < 1024 ** (power + 1):
            return f"{count / 1024**power:.1f} {unit}"
    return f"{count / 1024**3:.1f} GiB"


def _want(holds: object, message: str) -> None:
    if not holds:
        raise Rejected(message)


def is_key(key: str) -> bool:
    """Whether the tool takes this for a key; the server would take more."""
    return bool(_KEY.match(key)) and key[0] != "." and key[-1] != "." and ".." not in key


def _value(operands: dict[str, str], stdin: str | None) -> bytes:
    return operands.get("value", stdin or "").encode("utf-8", "surrogateescape")


def _cut(value: str) -> str:
    return value.encode("utf-8", "surrogateescape")[:_SHOWN].decode("utf-8", "replace")


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", text)
    return float(found[1]) * _UNITS[found[2] or "s"] if found else 0


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+)\s*([KMG]?B?)", text, re.IGNORECASE)
    return int(found[1]) * _SUFFIXES[found[2].upper()] if found else -1

"""A world on a real NATS server.

Requests go straight to the JetStream API: the client library's own key-value layer makes other buckets than the
`nats` tool, and validates and buffers differently. Reconnecting is off, so that an operation fails at once when the
server is away, as a command line would; the next operation connects again.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
import threading
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from peerlint.errors import InputError
from peerlint.run import kv
from peerlint.run.local import LocalWorld, Surroundings
from peerlint.run.targets import Target
from peerlint.run.world import BucketConfig, Cause, EffectFailure, Entry, HistoryEntry

if TYPE_CHECKING:
    from nats.aio.client import Client

T = TypeVar("T")

_OPERATION = re.compile(rb"^KV-Operation:[ \t]*(\w+)", re.MULTILINE | re.IGNORECASE)
_MARKER = re.compile(rb"^Nats-Marker-Reason:", re.MULTILINE | re.IGNORECASE)
_LATEST = re.compile(r"wrong last sequence: (\d+)")
_NANOSECONDS = 1_000_000_000
_DUPLICATE_WINDOW = 120.0
_STORE_BUSY, _ATTEMPTS = "err_code=10049", 20
#: Seconds after which a write that no stream took is sent again, as by the `nats` tool: in a cluster the other nodes
#: learn a little later than the caller that there is a new bucket.
_PUBLISH_AGAIN = (0.25, 0.25)
#: Requests that are under way together when the keys of a bucket are listed.
_AT_ONCE = 256

_CAUSES = {
    10037: Cause.KEY_MISSING,
    10052: Cause.INVALID_BUCKET,
    10054: Cause.TOO_LARGE,
    10059: Cause.BUCKET_MISSING,
    10074: Cause.INVALID_BUCKET,
    10076: Cause.NO_JETSTREAM,
    10039: Cause.NO_JETSTREAM,
    10077: Cause.TOO_LARGE,
}
_WRONG_SEQUENCE = frozenset({10071, 10164})
_NAME_IN_USE = 10058


class _Loop:
    """One event loop in a thread of its own, for all connections of the interpreter."""

    _lock = threading.Lock()
    _loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def run(cls, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine there and waits for it."""
        with cls._lock:
            if cls._loop is None:
                cls._loop = asyncio.new_event_loop()
                threading.Thread(target=cls._loop.run_forever, name="peerlint-nats", daemon=True).start()
        future = asyncio.run_coroutine_threadsafe(work, cls._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


class _Connection:
    """A connection with what went wrong on it since the last operation began."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.client: Client | None = None
        self._trouble: asyncio.Future[EffectFailure] | None = None

    async def open(self) -> Client:
        """The connected client. Raises EffectFailure."""
        if self.client is not None and self.client.is_connected:
            return self.client
        from nats.aio.client import Client

        target = self.target
        if (target.credentials or target.nkey) and find_spec("nkeys") is None:
            raise InputError("logging in by credentials or nkey needs the package nkeys", todo="pip install nkeys")
        client = Client()
        options: dict[str, Any] = {
            "servers": list(target.servers),
            "name": "peerlint",
            "error_cb": self._on_error,
            "closed_cb": self._on_closed,
            # With 0 attempts the client tries for ever; with reconnecting it keeps writes for later.
            "allow_reconnect": False,
            "max_reconnect_attempts": 1,
            "reconnect_time_wait": 0,
            "connect_timeout": target.timeout,
            "user": target.user,
            "password": target.password,
            "token": target.token,
            "user_credentials": target.credentials,
            "nkeys_seed": target.nkey,
            "tls": _tls(target),
            "tls_handshake_first": target.tls_first,
        }
        if target.inbox_prefix:
            options["inbox_prefix"] = target.inbox_prefix
        await asyncio.wait_for(client.connect(**options), target.timeout * len(target.servers) + 1)
        self.client = client
        return client

    async def _on_error(self, error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            self._settle(kv.failure(Cause.DENIED, f"nats: {error}"))

    async def _on_closed(self) -> None:
        self._settle(kv.failure(Cause.SERVER_AWAY))

    def _settle(self, failure: EffectFailure) -> None:
        if self._trouble is not None and not self._trouble.done():
            self._trouble.set_result(failure)

    async def guarded(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work, or the trouble that the connection has meanwhile: no waiting for a time-out."""
        trouble = self._trouble = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(work)
        await asyncio.wait({task, trouble}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise trouble.result()
        return task.result()

    async def close(self) -> None:
        client, self.client = self.client, None
        if client is not None and not client.is_closed:
            await client.close()


def _tls(target: Target) -> ssl.SSLContext | None:
    if not (target.authority or target.certificate):
        return None
    context = ssl.create_default_context(cafile=target.authority)
    if target.certificate:
        context.load_cert_chain(target.certificate, target.key)
    return context


class NatsWorld(LocalWorld):
    """NATS as it is. `target` is called at the first effect, which is when the connection is made."""

    def __init__(self, target: Target | Callable[[], Target], surroundings: Surroundings | None = None) -> None:
        super().__init__(surroundings)
        self._target = target
        self._connection: _Connection | None = None

    def close(self) -> None:
        """Closes the connection, and what else was started."""
        if self._connection is not None:
            _Loop.run(self._connection.close())
        super().close()

    def _do(self, work: Callable[[Client], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        """Runs the work on a connected client; whatever goes wrong becomes an EffectFailure."""
        if self._connection is None:
            self._connection = _Connection(self._target if isinstance(self._target, Target) else self._target())
        connection = self._connection

        async def all_of_it() -> T:
            client = await connection.open()
            limit = (seconds or 0) + connection.target.timeout + 1
            return await asyncio.wait_for(connection.guarded(work(client)), limit)

        try:
            return _Loop.run(all_of_it())
        except (EffectFailure, InputError):
            raise
        except Exception as error:
            known = _failure_of(error)
            if known is None:
                raise
            raise known from None

    async def _api(self, client: Client, subject: str, request: dict[str, Any] | None = None) -> dict[str, Any]:
        """A reply of the JetStream API. Raises EffectFailure for the errors that it names."""
        assert self._connection is not None
        target = self._connection.target
        data = json.dumps(request).encode() if request else b""
        reply = await client.request(f"{target.api_prefix}.{subject}", data, timeout=target.timeout)
        return _checked(json.loads(reply.data))

    async def _publish(self, client: Client, bucket: str, key: str, data: bytes, headers: dict[str, str]) -> int:
        """Writes one message to a bucket; its sequence, which is the revision."""
        from nats.errors import NoRespondersError

        assert self._connection is not None
        timeout = self._connection.target.timeout
        for pause in (*_PUBLISH_AGAIN, None):
            try:
                reply = await client.request(f"$KV.{bucket}.{key}", data, timeout=timeout, headers=headers or None)
                break
            except NoRespondersError:
                await self._api(client, f"STREAM.INFO.KV_{bucket}")  # says that there is no bucket, or no JetStream
                if pause is None:
                    raise kv.failure(Cause.TIMEOUT, "nats: no response from stream") from None
                await asyncio.sleep(pause)
        return int(_checked(json.loads(reply.data))["seq"])

    async def _latest(self, client: Client, bucket: str, key: str) -> HistoryEntry:
        """The last write to a key, a marker too."""
        return await self._message(client, bucket, {"last_by_subj": f"$KV.{bucket}.{key}"})

    async def _next(self, client: Client, bucket: str, key: str, first: int) -> HistoryEntry:
        """The first write to a key that has this revision or a later one, a marker too."""
        return await self._message(client, bucket, {"seq": first, "next_by_subj": f"$KV.{bucket}.{key}"})

    async def _is_there(self, client: Client, bucket: str, key: str) -> bool:
        """Whether a key has a value; a write that has just become too old is none."""
        try:
            return (await self._latest(client, bucket, key)).operation == "PUT"
        except EffectFailure as failure:
            if failure.cause is Cause.KEY_MISSING:
                return False
            raise

    async def _names(self, client: Client, bucket: str) -> list[str]:
        """The keys that a bucket holds a write of, a marker too, in the order of their names.

        By plain requests: the watcher of nats-py tells that there is no key where the server was quicker than it was.
        """
        prefix, names = f"$KV.{bucket}.", set[str]()
        while True:
            form = {"subjects_filter": f"{prefix}>", "offset": len(names)}
            state = (await self._api(client, f"STREAM.INFO.KV_{bucket}", form))["state"]
            page = state.get("subjects") or {}
            names.update(subject.removeprefix(prefix) for subject in page)
            if not page or len(names) >= state.get("num_subjects", 0):
                return sorted(names)

    async def _message(self, client: Client, bucket: str, wanted: dict[str, Any]) -> HistoryEntry:
        message = (await self._api(client, f"STREAM.MSG.GET.KV_{bucket}", wanted))["message"]
        headers = base64.b64decode(message.get("hdrs") or "")
        operation = _OPERATION.search(headers)
        word = operation[1].decode() if operation else "PURGE" if _MARKER.search(headers) else "PUT"
        return HistoryEntry(_decoded(base64.b64decode(message.get("data") or "")), int(message["seq"]), word)

    def _open(self, operation: str, bucket: str, key: str) -> None:
        """Checks names in the order of the tool: the bucket is looked up before the key is looked at."""
        self.surroundings.faults.meet(operation, bucket, key)
        kv.check_bucket(bucket)
        if not kv.is_key(key):
            self._do(lambda client: self._api(client, f"STREAM.INFO.KV_{bucket}"))
            raise kv.failure(Cause.INVALID_KEY)

    def _write(self, bucket: str, key: str, value: str, expected: int | None = None) -> int:
        data = self._payload(bucket, value)
        headers = {} if expected is None else {"Nats-Expected-Last-Subject-Sequence": str(expected)}
        return self._do(lambda client: self._publish(client, bucket, key, data, headers))

    def _payload(self, bucket: str, value: str) -> bytes:
        """The bytes of a value; one that no server takes fails here, after the bucket was looked up."""
        try:
            return kv.to_bytes(value)
        except EffectFailure:
            self._do(lambda client: self._api(client, f"STREAM.INFO.KV_{bucket}"))
            raise

    # --- operations -------------------------------------------------------------------------------------------------

    def server_check(self) -> None:
        """See `World`."""
        self.surroundings.faults.meet("server")
        self._do(lambda client: self._api(client, "STREAM.NAMES", {"subject": "$KV.*.>"}))

    def bucket_info(self, bucket: str) -> BucketConfig:
        """See `World`."""
        self.surroundings.faults.meet("info", bucket)
        kv.check_bucket(bucket)
        return _config_of(bucket, self._do(lambda client: self._api(client, f"STREAM.INFO.KV_{bucket}")))

    def bucket_add(self, config: BucketConfig) -> None:
        """See `World`."""
        self.surroundings.faults.meet("add", config.name)
        kv.check_config(config)
        try:
            self._do(lambda client: self._make(client, f"KV_{config.name}", _stream(config)))
        except EffectFailure as failure:
            if failure.cause is Cause.BUCKET_DIFFERS:
                raise kv.bucket_differs(config.name) from None
            raise

    def kv_get(self, bucket: str, key: str) -> Entry:
        """See `World`."""
        self._open("get", bucket, key)
        latest = self._do(lambda client: self._latest(client, bucket, key))
        if latest.operation != "PUT":
            raise kv.failure(Cause.KEY_MISSING)
        return Entry(latest.value, latest.revision)

    def kv_put(self, bucket: str, key: str, value: str) -> int:
        """See `World`."""
        self._open("put", bucket, key)
        return self._write(bucket, key, value)

    def kv_create(self, bucket: str, key: str, value: str) -> int:
        """See `World`: a delete marker counts as no key, and its revision is the one expected."""
        self._open("create", bucket, key)
        try:
            return self._write(bucket, key, value, 0)
        except EffectFailure as failure:
            if failure.cause is not Cause.REVISION_CHANGED:
                raise
        latest = self._do(lambda client: self._latest(client, bucket, key))
        if latest.operation == "PUT":
            raise kv.wrong_revision(latest.revision, key_exists=True)
        return self._write(bucket, key, value, latest.revision)

    def kv_update(self, bucket: str, key: str, value: str, revision: int) -> int:
        """See `World`."""
        self._open("update", bucket, key)
        return self._write(bucket, key, value, revision)

    def kv_delete(self, bucket: str, key: str) -> None:
        """See `World`."""
        self._open("delete", bucket, key)
        self._do(lambda client: self._publish(client, bucket, key, b"", {"KV-Operation": "DEL"}))

    def kv_purge(self, bucket: str, key: str) -> None:
        """See `World`."""
        self._open("purge", bucket, key)
        headers = {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}
        self._do(lambda client: self._publish(client, bucket, key, b"", headers))

    def kv_keys(self, bucket: str) -> list[str]:
        """See `World`."""
        self.surroundings.faults.meet("keys", bucket)
        kv.check_bucket(bucket)

        async def keys(client: Client) -> list[str]:
            found: list[str] = []
            names = await self._names(client, bucket)
            for start in range(0, len(names), _AT_ONCE):
                some = names[start : start + _AT_ONCE]
                there = await asyncio.gather(*(self._is_there(client, bucket, name) for name in some))
                found += [name for name, yes in zip(some, there, strict=True) if yes]
            return found

        return self._do(keys)

    def kv_history(self, bucket: str, key: str) -> list[HistoryEntry]:
        """See `World`."""
        self._open("history", bucket, key)

        async def history(client: Client) -> list[HistoryEntry]:
            entries = [await self._latest(client, bucket, key)]
            first = 0
            while (entry := await self._next(client, bucket, key, first)).revision < entries[-1].revision:
                entries.insert(-1, entry)
                first = entry.revision + 1
            return entries

        return self._do(history)

    def kv_wait(self, bucket: str, key: str, value: str, seconds: float) -> None:
        """See `World`."""
        self._open("wait", bucket, key)
        wanted = value.encode("utf-8", "surrogateescape")

        async def until_there(client: Client) -> None:
            watcher = await (await self._store(client, bucket)).watch(key)
            try:
                async for entry in watcher:
                    if entry is not None and entry.operation is None and (entry.value or b"") == wanted:
                        return
            finally:
                await watcher.stop()

        async def bounded(client: Client) -> None:
            await self._api(client, f"STREAM.INFO.KV_{bucket}")
            await asyncio.wait_for(until_there(client), seconds)

        self._do(bounded, seconds)

    def delete_all_buckets(self) -> None:
        """Removes every bucket with its values: a fresh start on a server of our own."""

        async def delete(client: Client) -> None:
            reply = await self._api(client, "STREAM.NAMES", {"subject": "$KV.*.>"})
            for name in reply.get("streams") or ():
                await self._api(client, f"STREAM.DELETE.{name}")
                await self._forget(client, name)

        self._do(delete)

    async def _forget(self, client: Client, stream: str) -> None:
        """Waits until the server has forgotten a deleted stream.

        For a moment it fills a new one of that name with the old messages (2.15.1: 73 of 3,621).
        """
        remembered = True
        while remembered:
            made = await self._make(client, stream, {"name": stream, "subjects": [stream]})
            remembered = made["state"]["last_seq"] > 0
            await self._api(client, f"STREAM.DELETE.{stream}")

    async def _make(self, client: Client, stream: str, config: dict[str, Any]) -> dict[str, Any]:
        """Makes a stream; what the server says of it. Right after a deletion the server may refuse for a moment."""
        for _ in range(_ATTEMPTS):
            try:
                return await self._api(client, f"STREAM.CREATE.{stream}", config)
            except EffectFailure as failure:
                if _STORE_BUSY not in failure.message:
                    raise
                await asyncio.sleep(0.01)
        return await self._api(client, f"STREAM.CREATE.{stream}", config)

    async def _store(self, client: Client, bucket: str) -> Any:
        """The library's view of a bucket, for watching a key."""
        assert self._connection is not None
        target = self._connection.target
        return await client.jetstream(prefix=target.api_prefix, timeout=target.timeout).key_value(bucket)

    def publish(self, subject: str, value: str) -> None:
        """See `World`."""
        self.surroundings.faults.meet("publish", None, subject)
        kv.check_subject(subject)
        data = kv.to_bytes(value)

        async def publish(client: Client) -> None:
            await client.publish(subject, data)
            await client.flush()

        self._do(publish)

    def request(self, subject: str, value: str, seconds: float) -> str:
        """See `World`."""
        self.surroundings.faults.meet("request", None, subject)
        kv.check_subject(subject)
        data = kv.to_bytes(value)

        async def request(client: Client) -> str:
            from nats.errors import NoRespondersError

            try:
                return _decoded((await client.request(subject, data, timeout=seconds)).data)
            except NoRespondersError:
                raise kv.failure(Cause.NO_RESPONDERS) from None

        return self._do(request, seconds)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _stream(config: BucketConfig) -> dict[str, Any]:
    """The stream of a bucket, as the `nats` tool makes it."""
    window = min(_DUPLICATE_WINDOW, config.ttl) if config.ttl else _DUPLICATE_WINDOW
    stream: dict[str, Any] = {
        "name": f"KV_{config.name}",
        "subjects": [f"$KV.{config.name}.>"],
        "retention": "limits",
        "max_consumers": -1,
        "max_msgs_per_subject": config.history,
        "max_msgs": -1,
        "max_bytes": config.max_bucket_size or -1,
        "max_age": int(config.ttl * _NANOSECONDS),
        "max_msg_size": config.max_value_size or -1,
        "storage": config.storage,
        "discard": "new",
        "num_replicas": config.replicas,
        "duplicate_window": int(window * _NANOSECONDS),
        "deny_delete": True,
        "deny_purge": False,
        "allow_rollup_hdrs": True,
        "allow_direct": True,
        "mirror_direct": False,
        "sealed": False,
    }
    if config.description:
        stream["description"] = config.description
    return stream


def _config_of(bucket: str, info: dict[str, Any]) -> BucketConfig:
    stream = info["config"]
    return BucketConfig(
        name=bucket,
        history=int(stream["max_msgs_per_subject"]),
        replicas=int(stream["num_replicas"]),
        ttl=int(stream.get("max_age", 0)) / _NANOSECONDS,
        max_value_size=int(stream.get("max_msg_size", -1)),
        max_bucket_size=int(stream.get("max_bytes", -1)),
        storage=str(stream["storage"]),
        description=str(stream.get("description", "")),
    )


def _checked(reply: dict[str, Any]) -> dict[str, Any]:
    """The reply of the API where it names no error. Raises EffectFailure."""
    error = reply.get("error")
    if error is None:
        return reply
    code, description = int(error.get("err_code", 0)), str(error.get("description", ""))
    if code in _WRONG_SEQUENCE:
        latest = _LATEST.search(description)
        raise kv.wrong_revision(int(latest[1]) if latest else 0)
    if code == 10054:
        raise kv.value_too_large()
    if code == 10074:
        raise kv.no_cluster()
    if code in (10037, 10059):
        raise kv.failure(_CAUSES[code])
    cause = Cause.BUCKET_DIFFERS if code == _NAME_IN_USE else _CAUSES.get(code, Cause.TIMEOUT)
    text = f"nats: API error: code={error.get('code')} err_code={code} description={description}"
    raise kv.failure(cause, text)


def _failure_of(error: Exception) -> EffectFailure | None:
    """What an exception of the client library means; None for one that it should not raise."""
    import nats.errors

    text = str(error)
    if isinstance(error, ssl.SSLError):
        return kv.failure(Cause.DENIED, text)
    if "authorization violation" in text.lower() or "authentication" in text.lower():
        return kv.failure(Cause.DENIED)
    if isinstance(error, nats.errors.MaxPayloadError):
        return kv.failure(Cause.TOO_LARGE)
    if isinstance(error, nats.errors.NoRespondersError):
        return kv.failure(Cause.NO_JETSTREAM)
    # The library's time-out is asyncio's, and that is an OSError in newer Pythons: it goes first.
    if isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        return kv.failure(Cause.TIMEOUT)
    if isinstance(error, FileNotFoundError) and error.filename:
        return kv.failure(Cause.DENIED, f"open {error.filename}: no such file or directory")
    if isinstance(error, (nats.errors.Error, OSError)):
        return kv.failure(Cause.SERVER_AWAY)
    if isinstance(error, (TypeError, ValueError)):  # credentials that are none
        return kv.failure(Cause.DENIED, f"nats: {text.splitlines()[0] if text else 'bad credentials'}")
    return None

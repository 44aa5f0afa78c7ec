"""The one process that answers all calls of tools while an original is proved: `python -m peerlint.prove.shims.daemon`.

It reads one JSON object a line on stdin and answers each with one on stdout; the calls come over named pipes. It
records what was called, and lets the faults of the scenario strike.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import shlex
import string
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import jq_tool, nats_line
from .buckets import Buckets
from .faults import FAILS, WRITE_AFTER, WRITE_BEFORE, Fault, Faults
from .instant import SECONDS
from .nats_tool import DENIED, SERVER_AWAY, Answer, NatsTool
from .wire import Wire

SLOTS = string.ascii_letters
#: Exit status of what a scenario says is not installed, as the shell has it.
NOT_FOUND = 127


@dataclass(slots=True)
class Call:
    """One call as it was recorded. `operation`, `bucket`, `key` are set where it is one on NATS."""

    tool: str
    argv: list[str]
    folder: str = ""
    stdin: str | None = None
    code: int = 0
    stdout: str = ""
    operation: str = ""
    bucket: str = ""
    key: str = ""
    value: str | None = None
    expected: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    error: str = ""
    unsupported: bool = False


@dataclass(slots=True)
class Scenario:
    """What the scenario at hand says: faults, answers of stubbed commands, and whether they count yet.

    `before` are the answers of commands that are called before they count.
    `temp` is where `mktemp` makes what it would make in `/tmp`; "" for there.
    """

    faults: Faults
    commands: dict[str, list[dict[str, Any]]]
    temp: str = ""
    before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    live: bool = False
    calls: list[Call] = field(default_factory=list)
    at_live: list[dict[str, Any]] = field(default_factory=list)
    made: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    writes: list[tuple[nats_line.NatsCall, str | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kept:
    """How far a program came before the step began: its writes in order, and how often it asked for what."""

    writes: tuple[tuple[nats_line.NatsCall, str | None], ...]
    made: int
    asked: dict[str, int]


class Pipe:
    """One named pipe, open for both ways, so that it never ends."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._rest = b""

    async def take(self) -> str:
        """What was written up to the next NUL."""
        loop = asyncio.get_running_loop()
        pieces = [self._rest]
        while b"\0" not in pieces[-1]:
            ready = asyncio.Event()
            loop.add_reader(self._fd, ready.set)
            try:
                await ready.wait()
            finally:
                loop.remove_reader(self._fd)
            with contextlib.suppress(BlockingIOError):
                pieces.append(os.read(self._fd, 1 << 16))
        text, _, self._rest = b"".join(pieces).partition(b"\0")
        return text.decode("utf-8", "surrogateescape")

    async def give(self, *texts: str) -> None:
        """Writes each text with a NUL behind it."""
        loop = asyncio.get_running_loop()
        data = b"".join(text.replace("\0", "").encode("utf-8", "surrogateescape") + b"\0" for text in texts)
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                ready = asyncio.Event()
                loop.add_writer(self._fd, ready.set)
                await ready.wait()
                loop.remove_writer(self._fd)

    def close(self) -> None:
        """Closes this end."""
        os.close(self._fd)


class Daemon:
    """Answers calls on `pipes`, a folder that it fills itself."""

    def __init__(self, tool: NatsTool, jq: jq_tool.JqTool, pipes: Path) -> None:
        self._tool = tool
        self._buckets = Buckets(tool)
        self._jq = jq
        self._pipes = pipes
        self._scenario = Scenario(Faults([]), {})
        self._kept: dict[str, Kept] = {}
        self._open: list[Pipe] = []
        self._tasks: list[asyncio.Task[None]] = []

    def lay_pipes(self) -> None:
        """Makes the pipes; anew after a program was killed in the middle of a call."""
        for task in self._tasks:
            task.cancel()
        for pipe in self._open:
            pipe.close()
        for old in self._pipes.iterdir():
            old.unlink()
        slots = self._pipes / "slots"
        os.mkfifo(slots)
        # Kept open, so that the letters stay in it while no call is under way.
        self._slots = os.open(slots, os.O_RDWR | os.O_NONBLOCK)
        os.write(self._slots, SLOTS.encode())
        self._open, self._tasks = [], []
        for letter in SLOTS:
            ask, reply = Pipe(self._pipes / f"{letter}.call"), Pipe(self._pipes / f"{letter}.reply")
            self._open += [ask, reply]
            self._tasks.append(asyncio.get_running_loop().create_task(self._serve(ask, reply)))

    # --- what the prover asks for ------------------------------------------------------------------------------------

    def control(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carries out one order of the prover."""
        match order["do"]:
            case "begin":
                self._begin(order)
                return {"ok": True}
            case "keep":
                now = self._scenario
                self._kept[order["as"]] = Kept(tuple(now.writes), now.made, dict(now.asked))
                return {"ok": True}
            case "live":
                self._go_live()
                return {"ok": True}
            case "calls":
                return {"calls": self._take_calls()}
            case "end":
                return {"calls": self._take_calls(), "state": self._buckets.contents()}
            case "relay":
                os.close(self._slots)
                self.lay_pipes()
                return {"ok": True}
        return {"error": f"unknown order {order['do']}"}

    def _take_calls(self) -> list[dict[str, Any]]:
        """The calls that nobody has taken yet, in the order in which they ended."""
        calls, self._scenario.calls = self._scenario.calls, []
        return [{name: getattr(call, name) for name in Call.__slots__} for call in calls]

    def _begin(self, order: dict[str, Any]) -> None:
        self._buckets.prepare(order.get("buckets", {}))
        faults = Faults([Fault.from_dict(form) for form in order.get("faults", [])])
        self._scenario = Scenario(
            faults,
            order.get("commands", {}),
            at_live=order.get("at_live", []),
            temp=order.get("temp", ""),
            before=order.get("before", {}),
        )
        if "after" in order:
            self._repeat(self._kept[order["after"]])

    def _repeat(self, kept: Kept) -> None:
        """Makes the state that was kept, revisions too, by the same writes; then the step begins."""
        for read, stdin in kept.writes:
            self._tool.call(read, stdin)
        self._scenario.made, self._scenario.asked = kept.made, dict(kept.asked)
        self._go_live()

    def _go_live(self) -> None:
        """What came before only led here: from now on the calls are recorded, faults strike, commands are answered."""
        for kind, changes in itertools.groupby(self._scenario.at_live, lambda change: change["do"]):
            if kind not in ("drop", "bucket"):
                # Most of them are writes to keys: they go to the server together.
                self._buckets.write_all([(str(c["bucket"]), str(c.get("key")), c.get("value")) for c in changes])
                continue
            for change in changes:
                if kind == "drop":
                    self._buckets.drop(str(change["bucket"]))
                else:
                    self._buckets.make(str(change["bucket"]), change)
        self._scenario.live = True
        self._scenario.calls.clear()

    # --- calls -------------------------------------------------------------------------------------------------------

    async def _serve(self, ask: Pipe, reply: Pipe) -> None:
        while True:
            tool, shown, folder, count = [await ask.take() for _ in range(4)]
            words = [await ask.take() for _ in range(int(count))]
            call = Call(tool, words, folder)
            answer = await self._answer(call, ask, reply)
            call.code, call.stdout, call.error = answer.code, answer.stdout, answer.stderr
            if tool != "peerlint-live":
                self._scenario.calls.append(call)
            # What nats shows goes nowhere, what it is asked for inside of the script goes on.
            out = "" if "o" in shown and tool == "nats" else answer.stdout
            await reply.give("end", str(answer.code), out, "" if "e" in shown else answer.stderr)

    async def _answer(self, call: Call, ask: Pipe, reply: Pipe) -> Answer:
        match call.tool:
            case "peerlint-live":
                self._go_live()
                return Answer()
            case "nats":
                return await self._nats(call, ask, reply)
            case "jq":
                return await self._run_jq(call, ask, reply)
            case "date":
                return _date(call)
            case "mktemp":
                return await self._mktemp(call, reply)
            case "uuidgen":
                return Answer(stdout="6f1c2a34-0000-4000-8000-000000000001\n")
            case "hostname":
                return Answer(stdout="host\n")
        return await self._stub(call, ask, reply)

    async def _nats(self, call: Call, ask: Pipe, reply: Pipe) -> Answer:
        if "--version" in call.argv:
            return Answer(stdout="v0.4.0\n")
        try:
            read = nats_line.read(call.argv)
        except nats_line.UsageError as error:
            return Answer(1, "usage: nats\n", f"{error.message}\n")
        call.operation = read.operation
        call.bucket, call.key = read.operands.get("bucket", ""), read.operands.get("key", "")
        call.options = read.flags
        if read.operation in ("pub", "req"):
            call.key = read.operands["subject"]
        stdin = None
        if read.operation in ("kv put", "kv create") and "value" not in read.operands:
            await reply.give("stdin")
            stdin = call.stdin = await ask.take()
        if (read.operation.startswith("kv ") and len(read.operands) > 2) or stdin is not None:
            call.value = read.operands.get("value", stdin)
        call.value = read.operands.get("body", call.value)
        revision = read.operands.get("revision", "")
        call.expected = int(revision) if revision.isdecimal() else None
        return self._strike(read, call, stdin)

    def _strike(self, read: nats_line.NatsCall, call: Call, stdin: str | None) -> Answer:
        """The operation with the faults of the scenario."""
        scenario = self._scenario
        # An update whose revision is no number is refused by the tool itself: the server hears nothing of it.
        sent = call.operation != "kv update" or call.expected is not None
        struck = scenario.faults.strike(call.operation, call.bucket, call.key) if scenario.live and sent else []
        if scenario.faults.away:
            return SERVER_AWAY
        for fault in struck:
            if fault.kind == FAILS:
                return DENIED
            if fault.kind == WRITE_BEFORE:
                self._buckets.write(fault.bucket, fault.key, fault.value)
        answer = self._tool.call(read, stdin)
        if not scenario.live and answer.code == 0 and call.operation not in nats_line.READS:
            scenario.writes.append((read, stdin))
        call.unsupported = "peerlint's nats does not know" in answer.stderr
        for fault in struck:
            if fault.kind == WRITE_AFTER:
                self._buckets.write(fault.bucket, fault.key, fault.value)
        return answer

    async def _run_jq(self, call: Call, ask: Pipe, reply: Pipe) -> Answer:
        if "--version" in call.argv:
            return Answer(stdout="jq-1.6\n")
        try:
            read = jq_tool.read(call.argv)
        except jq_tool.BadLine as error:
            return Answer(2, "", f"{error}\n")
        files: dict[str, str | None] = {}
        for path in read.files:
            await reply.give("file", path)
            content = await ask.take()
            files[path] = content[1:] if content else None
        if read.needs_stdin:
            await reply.give("stdin")
            call.stdin = await ask.take()
        return self._jq.answer(read, call.stdin or "", files)

    async def _mktemp(self, call: Call, reply: Pipe) -> Answer:
        self._scenario.made += 1
        templates = [word for word in call.argv if not word.startswith("-")]
        number = f"{self._scenario.made:010d}"
        path = templates[0] if templates else "/tmp/tmp.XXXXXXXXXX"
        path = re.sub(r"X{3,}", lambda run: number[-len(run[0]) :].rjust(len(run[0]), "0"), path)
        if self._scenario.temp and path.startswith("/tmp/"):
            # On the host /tmp is everybody's, and a name that was made up is as good elsewhere.
            path = self._scenario.temp + path.removeprefix("/tmp")
        folder = any(word in ("-d", "--directory") or re.fullmatch(r"-\w*d\w*", word) for word in call.argv)
        await reply.give("make", path + "/" if folder else path)
        return Answer(stdout=f"{path}\n")

    async def _stub(self, call: Call, ask: Pipe, reply: Pipe) -> Answer:
        """Any other command: recorded, and answered as the scenario says; by its words and how often it was asked."""
        await reply.give("stdin")
        call.stdin = await ask.take()
        line = shlex.join([call.tool, *call.argv])
        names = (line, call.tool, "*")
        known = self._scenario.commands if self._scenario.live else self._scenario.before
        answers = next((known[name] for name in names if name in known), [])
        nth = self._scenario.asked.get(line, 0)
        self._scenario.asked[line] = nth + 1
        if not answers:
            return Answer()
        answer = answers[min(nth, len(answers) - 1)]
        return Answer(answer.get("exit", 0), answer.get("stdout", ""), answer.get("stderr", ""))


def _date(call: Call) -> Answer:
    """The fixed instant in UTC, in the format asked for; a date that is to be read is beyond it."""
    form = next((word[1:] for word in call.argv if word.startswith("+")), None)
    others = [word for word in call.argv if not word.startswith("+") and word not in ("-u", "--utc", "--universal")]
    if any(word.startswith(("-I", "--iso-8601")) for word in others):
        seconds = any("s" in word for word in others if word.startswith(("-Is", "--iso-8601=s")))
        form, others = ("%Y-%m-%dT%H:%M:%S+00:00" if seconds else "%Y-%m-%d"), []
    call.unsupported = bool(others)
    form = "%a %b %e %H:%M:%S UTC %Y" if form is None else form
    form = form.replace("%s", str(SECONDS)).replace("%N", "000000000").replace("%3N", "000")
    return Answer(stdout=time.strftime(form, time.gmtime(SECONDS)) + "\n")


async def _next(reader: asyncio.StreamReader) -> bytes:
    """The next order; nothing where the prover has ended, or was killed."""
    try:
        return await reader.readline()
    except ConnectionError:
        return b""


async def serve(url: str, token: str | None, pipes: Path, jq: jq_tool.JqTool) -> None:
    """Connects, lays the pipes, says that it is ready, and carries out orders until stdin ends."""
    wire = Wire(url, token)
    daemon = Daemon(NatsTool(wire), jq, pipes)
    daemon.lay_pipes()
    reader = asyncio.StreamReader(limit=1 << 26)
    loop = asyncio.get_running_loop()
    loop.add_reader(wire, wire.look)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(json.dumps({"ready": True}), flush=True)
    while line := await _next(reader):
        try:
            answer = daemon.control(json.loads(line))
        except Exception as error:  # The prover shows it; the daemon has nobody else to tell.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    environment = os.environ
    asyncio.run(
        serve(
            environment["PEERLINT_NATS_URL"],
            environment.get("PEERLINT_NATS_TOKEN"),
            Path(sys.argv[1]),
            jq_tool.JqTool(sys.argv[3] if len(sys.argv) > 3 else None, Path(sys.argv[2])),
        )
    )

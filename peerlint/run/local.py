"""What every world does the same: files, filters, commands, people and time. NATS is added by its subclasses."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from peerlint.records import dataclass, field
from peerlint.run.commands import HostCommands
from peerlint.run.files import Files, MemoryFiles
from peerlint.run.filters import Filters
from peerlint.run.kv import Faults
from peerlint.run.people import People
from peerlint.run.world import BucketConfig, Cause, Completed, EffectFailure, Entry, HistoryEntry

#: Tools that the machine is itself.
OWN_TOOLS = frozenset({"nats", "jq"})


def is_question(argv: Sequence[str | None]) -> bool:
    """Whether a command line only asks whether a tool is there, which the shell answers itself: `command -v gh`."""
    return tuple(argv[:2]) == ("command", "-v")


#: Subject prefix on which subagents are asked.
SUBAGENT_SUBJECT = "peerlint.subagent."
_SUBAGENT_SECONDS = 600.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Surroundings:
    """Everything of a run but NATS: where files are, what may run, who answers, what time it is."""

    files: Files = field(default_factory=MemoryFiles)
    filters: Filters = field(default_factory=Filters)
    commands: HostCommands = field(default_factory=HostCommands)
    people: People = field(default_factory=People)
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep
    faults: Faults = field(default_factory=Faults)


class LocalWorld(ABC):
    """A world without its NATS half."""

    def __init__(self, surroundings: Surroundings | None = None) -> None:
        self.surroundings = surroundings or Surroundings()

    def close(self) -> None:
        """Ends what was started."""
        self.surroundings.filters.close()

    # --- NATS: what a subclass adds -----------------------------------------------------------------------------------

    @abstractmethod
    def server_check(self) -> None:
        """See `World`."""

    @abstractmethod
    def bucket_info(self, bucket: str) -> BucketConfig:
        """See `World`."""

    @abstractmethod
    def bucket_add(self, config: BucketConfig) -> None:
        """See `World`."""

    @abstractmethod
    def kv_get(self, bucket: str, key: str) -> Entry:
        """See `World`."""

    @abstractmethod
    def kv_put(self, bucket: str, key: str, value: str) -> int:
        """See `World`."""

    @abstractmethod
    def kv_create(self, bucket: str, key: str, value: str) -> int:
        """See `World`."""

    @abstractmethod
    def kv_update(self, bucket: str, key: str, value: str, revision: int) -> int:
        """See `World`."""

    @abstractmethod
    def kv_delete(self, bucket: str, key: str) -> None:
        """See `World`."""

    @abstractmethod
    def kv_purge(self, bucket: str, key: str) -> None:
        """See `World`."""

    @abstractmethod
    def kv_keys(self, bucket: str) -> list[str]:
        """See `World`."""

    @abstractmethod
    def kv_history(self, bucket: str, key: str) -> list[HistoryEntry]:
        """See `World`."""

    @abstractmethod
    def kv_wait(self, bucket: str, key: str, value: str, seconds: float) -> None:
        """See `World`."""

    @abstractmethod
    def publish(self, subject: str, value: str) -> None:
        """See `World`."""

    @abstractmethod
    def request(self, subject: str, value: str, seconds: float) -> str:
        """See `World`."""

    # --- files ------------------------------------------------------------------------------------------------------

    def file_read(self, path: str) -> str:
        """See `World`."""
        return self.surroundings.files.read(path)

    def file_write(self, path: str, text: str, append: bool) -> None:
        """See `World`."""
        self.surroundings.files.write(path, text, append)

    def file_delete(self, path: str) -> None:
        """See `World`."""
        self.surroundings.files.delete(path)

    def file_exists(self, path: str, folder: bool) -> bool:
        """See `World`."""
        return self.surroundings.files.exists(path, folder)

    def file_empty(self, path: str, folder: bool) -> bool:
        """See `World`."""
        return self.surroundings.files.empty(path, folder)

    def files_matching(self, pattern: str) -> list[str]:
        """See `World`."""
        return self.surroundings.files.matching(pattern)

    def enter_folder(self, path: str) -> None:
        """See `World`."""
        self.surroundings.files.enter(path)

    def leave_folder(self) -> None:
        """See `World`."""
        self.surroundings.files.leave()

    # --- commands and filters ---------------------------------------------------------------------------------------

    def run(self, pipeline: Sequence[Sequence[str]], stdin: str, seconds: float | None) -> Completed:
        """See `World`. Stages run one after the other; `nats` and `jq` are answered by the world itself."""
        answer = self.surroundings.people.answers.command(pipeline)
        if answer is not None:
            return answer
        text, errors, code = stdin, "", 0
        for argv in pipeline:
            done = self._run_one(argv, text, seconds)
            text, errors, code = done.stdout, errors + done.stderr, done.code
        return Completed(code, text, errors)

    def _run_one(self, argv: Sequence[str], stdin: str, seconds: float | None) -> Completed:
        from peerlint.run.tools import run_tool

        if is_question(argv) and len(argv) == 3:
            there = self.tool_available(argv[2])
            return Completed(0 if there else 1, f"{argv[2]}\n" if there else "", "")
        if argv and argv[0] in OWN_TOOLS and not self.surroundings.commands.allows(argv[0]):
            return run_tool(self, argv, stdin)
        return self.surroundings.commands.run(argv, stdin, self.surroundings.files.folder, seconds)

    def tool_available(self, name: str) -> bool:
        """See `World`."""
        return name in OWN_TOOLS or self.surroundings.commands.path_of(name) is not None

    def jq(self, program: str, text: str, flags: str, arguments: Mapping[str, str]) -> str:
        """See `World`."""
        return self.surroundings.filters.jq(program, text, flags, arguments)

    def matches(self, pattern: str, text: str) -> bool:
        """See `World`."""
        return self.surroundings.filters.matches(pattern, text)

    # --- time and people --------------------------------------------------------------------------------------------

    def current_time(self, form: str) -> str:
        """See `World`."""
        return self.surroundings.now().strftime(form)

    def pause(self, seconds: float) -> None:
        """See `World`."""
        self.surroundings.sleep(seconds)

    def delegate(self, subagent: str, request: str) -> str:
        """See `World`: the answers file first, then whoever listens on NATS, then the terminal."""
        answer = self.surroundings.people.answers.subagent(subagent)
        if answer is not None:
            return answer
        try:
            return self.request(SUBAGENT_SUBJECT + subagent, request, _SUBAGENT_SECONDS)
        except EffectFailure as failure:
            if failure.cause is not Cause.NO_RESPONDERS:
                raise
        return self.surroundings.people.subagent(subagent, request)

    def ask(self, question: str) -> str:
        """See `World`."""
        return self.surroundings.people.ask(question)

    def decide(self, question: str) -> bool:
        """See `World`."""
        return self.surroundings.people.decide(question)

    def fill_in(self, name: str, question: str | None) -> str:
        """See `World`."""
        return self.surroundings.people.fill_in(name, question)

"""The world of a rewrite while it is proved: a world with NATS, recorded, with the faults of the scenario."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from peerlint.prove.host import IN_SANDBOX, NotOnHost
from peerlint.prove.lab import HOME, WORK, Lab
from peerlint.prove.scenario import Scenario
from peerlint.prove.scene import given_in, written_text
from peerlint.prove.shims.faults import FAILS, WRITE_AFTER, WRITE_BEFORE, Fault, Faults
from peerlint.prove.shims.instant import SECONDS
from peerlint.prove.trace import Action, actions_of, configuration
from peerlint.records import dataclass, replace
from peerlint.run import kv
from peerlint.run.files import MAX_FILE, FolderFiles, as_is
from peerlint.run.filters import Filters
from peerlint.run.local import LocalWorld, Surroundings
from peerlint.run.sandbox import ExecutionMode, Limits
from peerlint.run.world import BucketConfig, Cause, Completed, EffectFailure, Entry, HistoryEntry, World

if TYPE_CHECKING:
    from peerlint.prove.replay import MemoryLab

T = TypeVar("T")


@dataclass(slots=True)
class Record:
    """What a rewrite did since the step began, and the replicas that were asked for, by bucket."""

    actions: list[Action]
    replicas: dict[str, int]


class ProofWorld(LocalWorld):
    """NATS by `inner`, everything else by the scenario. Faults strike, and actions are recorded, once it is `live`."""

    def __init__(
        self, inner: World, scenario: Scenario, scene: Path, lab: Lab | MemoryLab | None, stubs: frozenset[str]
    ) -> None:
        temporary = scene / "tmp"
        temporary.mkdir(exist_ok=True)
        files = SceneFiles(scene, given_in(HOME, WORK) if lab is None else lab.given(scene))
        moment = datetime.fromtimestamp(SECONDS, UTC)
        # Starting the child that runs filters takes longer than a scenario, so the lab keeps one for all.
        filters = Filters() if lab is None else lab.filters
        super().__init__(Surroundings(files, filters, now=lambda: moment, sleep=lambda seconds: None))
        self._inner = inner
        self._scenario = scenario
        self._scene = scene
        self._lab = lab
        self._stubs = stubs
        self._faults = Faults(list(scenario.faults))
        self.live = False
        self.record = Record([], {})

    def go_live(self) -> None:
        """The step begins: from now on all counts."""
        self.live = True
        self.record.actions.clear()

    # --- NATS --------------------------------------------------------------------------------------------------------

    def _do(self, action: Action, effect: Callable[[], T]) -> T:
        """One operation with the faults that strike it, recorded with its end."""
        if "nats" in self._scenario.absent and self.live:
            # Nobody is asked: nothing is recorded and no fault strikes, as in the shell.
            raise EffectFailure(Cause.NOT_FOUND, "nats: command not found", 127)
        struck = self._faults.strike(action.operation, action.bucket, action.key) if self.live else []
        try:
            if self._faults.away:
                raise kv.failure(Cause.SERVER_AWAY)
            self._disturb(struck, WRITE_BEFORE)
            if any(fault.kind == FAILS for fault in struck):
                raise kv.failure(Cause.TIMEOUT)
            result = effect()
        except EffectFailure as failure:
            # For the tool it is no failure that nobody answers.
            self._note(replace(action, ok=failure.cause is Cause.NO_RESPONDERS, result=failure.message))
            if not self._faults.away and not any(fault.kind == FAILS for fault in struck):
                self._disturb(struck, WRITE_AFTER)
            raise
        shown = f"{result.revision}\n{result.value}" if isinstance(result, Entry) else ""
        self._note(replace(action, result=shown))
        self._disturb(struck, WRITE_AFTER)
        return result

    def _note(self, action: Action) -> None:
        self.record.actions.append(action)

    def _disturb(self, struck: Sequence[Fault], kind: str) -> None:
        for fault in struck:
            if fault.kind == kind:
                try:
                    self._inner.kv_put(fault.bucket, fault.key, fault.value)
                except EffectFailure:
                    continue

    def server_check(self) -> None:
        """See `World`."""
        self._do(Action("kv ls"), self._inner.server_check)

    def bucket_info(self, bucket: str) -> BucketConfig:
        """See `World`. The number of replicas is the one that was asked for."""
        config = self._do(Action("bucket info", bucket), lambda: self._inner.bucket_info(bucket))
        return replace(config, replicas=self.record.replicas.get(bucket, config.replicas))

    def bucket_add(self, config: BucketConfig) -> None:
        """See `World`. One replica is made, since there is one server."""

        def add() -> None:
            kv.check_config(config)
            self._inner.bucket_add(replace(config, replicas=1))
            self.record.replicas[config.name] = config.replicas

        self._do(Action("bucket add", config.name, "", configuration(config)), add)

    def kv_get(self, bucket: str, key: str) -> Entry:
        """See `World`."""
        return self._do(Action("kv get", bucket, key), lambda: self._inner.kv_get(bucket, key))

    def kv_put(self, bucket: str, key: str, value: str) -> int:
        """See `World`."""
        return self._do(Action("kv put", bucket, key, value), lambda: self._inner.kv_put(bucket, key, value))

    def kv_create(self, bucket: str, key: str, value: str) -> int:
        """See `World`."""
        return self._do(Action("kv create", bucket, key, value), lambda: self._inner.kv_create(bucket, key, value))

    def kv_update(self, bucket: str, key: str, value: str, revision: int) -> int:
        """See `World`."""
        action = Action("kv update", bucket, key, value, revision)
        return self._do(action, lambda: self._inner.kv_update(bucket, key, value, revision))

    def kv_delete(self, bucket: str, key: str) -> None:
        """See `World`."""
        self._do(Action("kv del", bucket, key), lambda: self._inner.kv_delete(bucket, key))

    def kv_purge(self, bucket: str, key: str) -> None:
        """See `World`."""
        self._do(Action("kv purge", bucket, key), lambda: self._inner.kv_purge(bucket, key))

    def kv_keys(self, bucket: str) -> list[str]:
        """See `World`."""
        return self._do(Action("kv keys", bucket), lambda: self._inner.kv_keys(bucket))

    def kv_history(self, bucket: str, key: str) -> list[HistoryEntry]:
        """See `World`."""
        return self._do(Action("kv history", bucket, key), lambda: self._inner.kv_history(bucket, key))

    def kv_wait(self, bucket: str, key: str, value: str, seconds: float) -> None:
        """See `World`: nobody else writes in a proof, so there is nothing to wait for."""
        self._do(Action("kv wait", bucket, key), lambda: self._inner.kv_wait(bucket, key, value, 0.05))

    def publish(self, subject: str, value: str) -> None:
        """See `World`."""
        self._do(Action("pub", "", subject, value), lambda: self._inner.publish(subject, value))

    def request(self, subject: str, value: str, seconds: float) -> str:
        """See `World`."""
        return self._do(Action("req", "", subject, value), lambda: self._inner.request(subject, value, seconds))

    # --- commands, people --------------------------------------------------------------------------------------------

    def run(self, pipeline: Sequence[Sequence[str]], stdin: str, seconds: float | None) -> Completed:
        """See `World`: in the lab, with the tools that the original meets; a call of `nats` stays in this world."""
        if len(pipeline) == 1 and pipeline[0][:1] in (["nats"], ["jq"]):
            return super().run(pipeline, stdin, seconds)
        if self._lab is None:
            raise EffectFailure(Cause.NOT_ALLOWED, f"{pipeline[0][0]} is not run here")
        if not isinstance(self._lab, Lab):
            self._lab.run_commands()
        streams = self._scene / "command"
        if self._lab.mode is ExecutionMode.HOST and any("/tmp" in word for argv in pipeline for word in argv):
            raise NotOnHost("its logic runs a command in /tmp, which on the host is everybody's: " + IN_SANDBOX)
        (streams / "in").write_text(stdin, errors="surrogateescape")
        inside = self._lab.mode is ExecutionMode.SANDBOX
        at = "/peerlint/scene" if inside else str(streams)
        bound = {at: streams, "/tmp": self._scene / "tmp"} if inside else {}
        folder = Path(self.surroundings.files.folder).relative_to((self._scene / "work").resolve())
        line = " | ".join(shlex.join(argv) for argv in pipeline)
        program = f"cd ./{shlex.quote(str(folder))} && ( {line} ) <{at}/in >{at}/out 2>{at}/err"
        with self._lab.toolbox.holding(self._stubs, self._scenario.absent):
            code, _ = self._lab.run(program, self._scene, {}, Limits(seconds=seconds or 10), bound)
        if self.live:
            # Also what a tool like xargs has called.
            work = self._lab.given(self._scene)["PWD"]
            self.record.actions += actions_of(self._lab.order({"do": "calls"})["calls"], work)
        if code is None:
            raise EffectFailure(Cause.TIMEOUT, f"{pipeline[-1][0]} takes too long")
        return Completed(code, *(written_text(streams / name, MAX_FILE) for name in ("out", "err")))

    def tool_available(self, name: str) -> bool:
        """See `World`."""
        return name not in self._scenario.absent or not self.live

    def delegate(self, subagent: str, request: str) -> str:
        """See `World`: a fixed reply."""
        return f"reply of {subagent}"

    def ask(self, question: str) -> str:
        """See `World`: what the scenario says, else yes."""
        return self._scenario.answers.get(question, "yes")

    def fill_in(self, name: str, question: str | None) -> str:
        """See `World`: what the scenario says, else nothing."""
        inputs = self._scenario.inputs
        capitals = {small.upper(): value for small, value in inputs.items()}
        return inputs.get(name, capitals.get(name, ""))


#: What stands in the root of a sandbox. Of any other name there is nothing on either side.
_ROOT = frozenset({"bin", "dev", "etc", "home", "lib", "lib64", "peerlint", "proc", "run", "tmp", "usr", "work"})


class SceneFiles(FolderFiles):
    """Files of a scene, under the paths that the original sees: `/tmp/` is its own, `~/` and `given` its folders.

    Nothing is at paths outside, as in the sandbox; what a sandbox has there of its own is denied.
    """

    def __init__(self, scene: Path, given: Mapping[str, str]) -> None:
        self._scene = f"{scene}/"
        self._nowhere = scene / "nowhere"
        super().__init__(scene / "work", [scene / "home", scene / "tmp", self._nowhere])
        self._roots = {
            "~": scene / "home",
            given["HOME"]: scene / "home",
            given["PWD"]: scene / "work",
            "/tmp": scene / "tmp",
        }

    def _place(self, path: str) -> Path:
        if path.startswith(self._scene):
            return super()._place(path)
        root = self._root_of(path)
        if root is not None:
            return super()._place(str(self._roots[root]) + path.removeprefix(root))
        if path.startswith("/") and _first(path) not in _ROOT:
            return super()._place(str(self._nowhere) + path)
        return super()._place(path)

    def matching(self, pattern: str) -> list[str]:
        """See `Files`; a pattern that is not relative is one of the scene's folders, never of this machine."""
        root = self._root_of(pattern)
        if root is not None:
            folder = str(self._roots[root])
            found = super().matching(as_is(folder) + pattern.removeprefix(root))
            return [root + path.removeprefix(folder) for path in found]
        if pattern.startswith("/"):
            for name in _ROOT:
                if fnmatchcase(name, _first(pattern)):
                    self._place(f"/{name}")
            return []
        return super().matching(pattern)

    def _root_of(self, path: str) -> str | None:
        """The root below which a path lies, as the path has it."""
        return next((root for root in self._roots if path == root or path.startswith(f"{root}/")), None)


def _first(path: str) -> str:
    """The first name of an absolute path; `usr` for the root itself, which holds it."""
    return path.lstrip("/").partition("/")[0] or "usr"

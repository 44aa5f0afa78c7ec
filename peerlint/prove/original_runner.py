"""The original of a step, run by bash as it is intended.

All calls of a step share one shell, and a call that ends non-zero stops the process, unless the prose of the step
names that code and another way on. The steps that provide what it needs run before it, in the same shell, without
faults.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.build.exit_codes import ANY_FAILURE
from peerlint.process.model import Proceed, Stop
from peerlint.prove.arms import Arms
from peerlint.prove.compare import differences
from peerlint.prove.host import Temporary, check_paths, temp_names
from peerlint.prove.lab import HOME, WORK, Lab
from peerlint.prove.original import SHELL_WORDS, Original, tools_asked_for
from peerlint.prove.own_words import own_words
from peerlint.prove.placeholders import placeholders_of
from peerlint.prove.scenario import Scenario, lay_out, place_in_scene
from peerlint.prove.scene import read_files, script_name, script_place, written_text
from peerlint.prove.session import SCENE, Left, Session, go_through
from peerlint.prove.toolbox import ANSWERED_TOOLS
from peerlint.prove.trace import GOES_ON, NOT_REACHED, STOPS, TIMES_OUT, Trace, actions_of, lines_of, renamed
from peerlint.prove.typed import answering, places_filled, with_arguments
from peerlint.records import replace
from peerlint.run.sandbox import PURE_TOOLS, ExecutionMode, Limits

#: An argument of the process by its place.
_PLACE = regex(r"\$(?:[1-9@*#]|\{[1-9@*#])")
_LIMITS = Limits(seconds=10)
#: Most sessions that one runner keeps open.
_SESSIONS = 12
#: The trace of one run is never larger than this: no file that a job writes is.
_MOST_TRACED = 8 << 20
_MARK = "\x1estep\x1e"
#: What bash writes about a program of the lab: its path, the line, and what is wrong.
_COMPLAINT = regex(r"^(?:\S*/)?[^\s:]+: (?:(?:line )?\d+: |warning: ).*$")
#: What bash says of an expression that it cannot calculate.
_ERROR_TOKEN = "(error token is "


class OriginalRunner:
    """Runs one step of an original in a lab, scenario after scenario."""

    def __init__(self, lab: Lab, original: Original, number: str, providers: Sequence[str]) -> None:
        self._lab = lab
        self._original = original
        self._step = original.steps[number]
        self._providers = [original.steps[provider] for provider in providers]
        self.stubs = original.stubs_of([*providers, number])
        self.unpublished = original.unpublished_of([*providers, number])
        self._twin: OriginalRunner | None = None
        if original.runs_sh(number):
            self._twin = OriginalRunner(lab, original.under_bash(), number, providers)
        self._arms: Arms = Arms(original.sources_of(number)) if self._twin is None else self._twin._arms
        self.inputs_in_turn = original.inputs_in_turn([*providers, number])
        self._read_before = {name for provider in providers for name in original.inputs_of(provider)}
        self._sessions: dict[tuple[object, ...], Session] = {}
        self._unchanged = {script_name(name): text for name, text in original.scripts.items()}
        self._opened = 0
        self._names: Temporary | None = None
        self._not_reached: dict[tuple[object, ...], Trace] = {}
        self.placeholders = {found.variable for call in self._step.calls for found in placeholders_of(call)}
        texts = original.sources_of(number).values()
        self.tools_asked_for = {name for text in texts for name in tools_asked_for(text)}
        # What a step only asks for has to be there too, where no scenario says that it is not.
        self.stubs |= self.tools_asked_for - SHELL_WORDS - {*PURE_TOOLS, *ANSWERED_TOOLS}

    @property
    def arms(self) -> list[str]:
        """Labels of all arms of the step."""
        return self._arms.labels

    @property
    def uncalled(self) -> Mapping[str, str]:
        """The function that nobody calls, by the arms in it."""
        return self._arms.uncalled

    def explained(self, label: str) -> str:
        """An arm as a person finds it: where it is, and when it is taken."""
        return self._arms.explained(label)

    @property
    def dead_arms(self) -> frozenset[str]:
        """Labels of arms that no scenario can take, by the texts alone."""
        return self._arms.dead

    @property
    def first_lines(self) -> dict[str, str]:
        """What arms echo first, by label."""
        return self._arms.first_lines()

    def run(self, scenario: Scenario, scene: Path) -> Trace:
        """One run; what comes before the step is run once for all scenarios that start alike, where a sandbox is.

        Which arms a script for `sh` takes, bash tells that runs it once more, where it does the same.
        """
        trace = self._run(scenario, scene)
        if self._twin is None:
            return trace
        told = self._twin.run(scenario, scene / "twin")
        return trace if differences(trace, told) else replace(trace, arms=told.arms)

    def _run(self, scenario: Scenario, scene: Path) -> Trace:
        if self._lab.mode is not ExecutionMode.SANDBOX:
            return self.run_alone(scenario, scene)
        start = self.start_of(scenario)
        if start in self._not_reached:
            return self._not_reached[start]
        session = self._session(start, scenario, scene)
        if session is None:
            return self._not_reached[start]
        self._lab.order({**scenario.order(), "after": _name_of(session)})
        with self._lab.toolbox.holding(self.stubs, scenario.absent):
            left = session.run(self._given(scenario))
        if left.code is None:
            self._lab.order({"do": "relay"})
        ended = self._lab.order({"do": "end"})
        # An expression that is none ends a fork, as it does any subshell, and only the line of a script.
        if self._lab.toolbox.complains(left.said) or _ERROR_TOKEN in left.said:
            return self.run_alone(scenario, scene)
        return self._trace(left, ended)

    def close(self) -> None:
        """Ends all sessions."""
        if self._twin is not None:
            self._twin.close()
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def run_alone(self, scenario: Scenario, scene: Path, *, traced: bool = True) -> Trace:
        """One run from the very beginning. With `traced` bash tells which lines it takes, in a file of its own."""
        self._set_scene(scenario, scene)
        environment = {**scenario.inputs}
        if traced:
            environment["BASH_ENV"] = self._inside(scene) + "/trace.sh"
        code, said, ended = self._bash(self._driver(scenario, scene), scenario, scene, environment)
        return self._observe(code, said, ended, scene)

    def _bash(
        self, program: str, scenario: Scenario, scene: Path, environment: Mapping[str, str]
    ) -> tuple[int | None, str, dict[str, Any]]:
        """Runs a program from the very beginning: its exit status, what it said, and what the daemon has seen."""
        order = scenario.order()
        if self._lab.mode is ExecutionMode.HOST:
            order["temp"] = str(scene / "tmp")
        with self._temporary().alone():
            self._lab.order(order)
            with self._lab.toolbox.holding(self.stubs, scenario.absent):
                code, said = self._lab.run(program, scene, environment, _LIMITS)
            return code, said, self._lab.order({"do": "end"})

    def _temporary(self) -> Temporary:
        """The names in `/tmp` that a run has to itself, on the host. Raises NotOnHost where it cannot run there."""
        if self._lab.mode is not ExecutionMode.HOST:
            return Temporary(frozenset())
        if self._names is None:
            texts = self._original.texts_run([step.number for step in (*self._providers, self._step)])
            scripts = [parse_bash(text, placeholders=is_call) for text, is_call in texts.items()]
            check_paths(scripts, PURE_TOOLS, self.stubs)
            self._names = Temporary(temp_names(texts))
        return self._names

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the step: its calls, its scripts."""
        return tuple(self._original.sources_of(self._step.number).values())

    @property
    def hangs_on_one_shell(self) -> bool:
        """Whether there is more than one call, so that it matters what survives between two of them."""
        return len(self._step.calls) + sum(len(provider.calls) for provider in self._providers) > 1

    def run_under_harness(self, scenario: Scenario, scene: Path) -> Trace:
        """One run as the harness does it: each call in a shell of its own, so variables and functions are lost."""
        self._set_scene(scenario, scene)
        code, said, ended = self._bash(self._harness(scenario, scene), scenario, scene, {**scenario.inputs})
        return self._observe(code, said, ended, scene)

    def _harness(self, scenario: Scenario, scene: Path) -> str:
        home = self._inside(scene)
        before = sum(len(provider.calls) for provider in self._providers)
        filled_in = "".join(f"export {name}\n" for name in sorted(self.placeholders | scenario.handed_over.keys()))
        return (
            "".join(f"bash {home}/before{at}.sh || exit\n" for at in range(1, before + 1))
            + f"{self._hand_over(scenario)}{filled_in}peerlint-live; printf '%s\\n' '{_MARK}'\n"
            + "".join(f"bash {home}/call{at}.sh || exit\n" for at in range(1, len(self._step.calls) + 1))
        )

    # --- one start for many scenarios --------------------------------------------------------------------------------

    def start_of(self, scenario: Scenario) -> tuple[object, ...]:
        """All of a scenario that what comes before the step can see."""
        if not self._providers:
            return (tuple(sorted(scenario.files.items())),)
        calls = [call for provider in self._providers for call in provider.calls]
        says = any("$ARGUMENTS" in call or _PLACE.search(call) for call in calls)
        return (
            tuple(sorted(scenario.files.items())),
            scenario.buckets,
            scenario.led_by,
            scenario.arguments if says else (),
            tuple(sorted((name, value) for name, value in scenario.inputs.items() if name in self._read_before)),
        )

    def _session(self, start: tuple[object, ...], scenario: Scenario, scene: Path) -> Session | None:
        """The open session for a start; None where what comes before stops the process."""
        session = self._sessions.pop(start, None)
        if session is None or not session.is_open:
            while len(self._sessions) >= _SESSIONS:
                self._sessions.pop(next(iter(self._sessions))).close()
            session = self._open(scenario, scene)
        if not session.is_open:
            trace = Trace(NOT_REACHED, messages=lines_of(session.last_words))
            if self._lab.toolbox.complains(session.last_words):
                trace = self.run_alone(scenario, scene)
            self._not_reached[start] = trace
            return None
        self._sessions[start] = session
        return session

    def _open(self, scenario: Scenario, scene: Path) -> Session:
        calls = [call for provider in self._providers for call in provider.calls]
        files = {place_in_scene(name): text for name, text in scenario.files.items()}
        for name, text in self._original.scripts.items():
            files[script_place(name, Path()).as_posix()] = text
        self._opened += 1
        session = Session(
            self._lab,
            scene / f"session{self._opened}",
            {name: value for name, value in scenario.inputs.items() if name in self._read_before},
            {f"before{at}.sh": self._code(call, scenario) for at, call in enumerate(calls, start=1)},
            files,
            _LIMITS,
        )
        self._lab.order(replace(scenario, faults=(), changes=()).order())
        with self._lab.toolbox.holding(self.stubs, frozenset()):
            reached = session.start()
        if reached:
            self._lab.order({"do": "keep", "as": _name_of(session)})
        return session

    def _given(self, scenario: Scenario) -> dict[str, str]:
        """The files of one fork."""
        given = {f"call{at}.sh": self._code(call, scenario) for at, call in enumerate(self._step.calls, start=1)}
        inputs = "".join(
            f"export {name}={shlex.quote(value)}\n"
            for name, value in scenario.inputs.items()
            if name not in self._read_before
        )
        calls = go_through([f"{SCENE}/{name}" for name in given])
        typed = answering(scenario.answers)
        return {**given, "go.sh": f"hash -r\n{inputs}{self._hand_over(scenario)}{typed}{calls}"}

    def _code(self, call: str, scenario: Scenario) -> str:
        """The call with what the harness fills in: `$ARGUMENTS` by the words as typed, `$1` as a parameter of bash."""
        code = with_arguments(self._original.as_run(call), scenario.arguments) + "\n"
        # On the first line of the call, so that each line keeps its number.
        return f"set -- {shlex.join(places_filled(call, scenario.arguments))}; {code}" if _PLACE.search(call) else code

    def _trace(self, left: Left, ended: Mapping[str, Any]) -> Trace:
        files = {name: text for name, text in left.files.items() if self._unchanged.get(name) != text}
        return self._shown(left.code, left.said, left.traced, files, ended, WORK)

    # --- before ------------------------------------------------------------------------------------------------------

    def _inside(self, scene: Path) -> str:
        """The home of the scene as the program sees it."""
        return "/home/user" if self._lab.mode is ExecutionMode.SANDBOX else str(scene / "home")

    def _set_scene(self, scenario: Scenario, scene: Path) -> None:
        for folder in ("work", "home", "tmp"):
            shutil.rmtree(scene / folder, ignore_errors=True)
            (scene / folder).mkdir(parents=True)
        home = self._inside(scene)
        (scene / "home" / "trace.sh").write_text(
            f"exec {{PEERLINT_TRACE}}>>{home}/trace.log; BASH_XTRACEFD=$PEERLINT_TRACE\n"
            "PS4='+\x1e${BASH_SOURCE-}\x1f${LINENO}\x1e '; set -x\n"
        )
        for name, text in self._original.scripts.items():
            path = script_place(name, scene)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
            path.chmod(0o755)
        lay_out(scenario.files, scene)
        calls = [call for provider in self._providers for call in provider.calls]
        for at, call in enumerate([*calls, *self._step.calls], start=1):
            number = f"before{at}" if at <= len(calls) else f"call{at - len(calls)}"
            code = self._code(call, scenario)
            (scene / "home" / f"{number}.sh").write_text(code, encoding="utf-8", errors="surrogateescape")

    def _driver(self, scenario: Scenario, scene: Path) -> str:
        """All calls in one shell. Where a call says `exit 0`, the others go on in the exit trap of the same shell."""
        home = self._inside(scene)
        before = sum(len(provider.calls) for provider in self._providers)
        files = [f"{home}/before{at}.sh" for at in range(1, before + 1)] + ["serve"]
        files += [f"{home}/call{at}.sh" for at in range(1, len(self._step.calls) + 1)]
        live = f"{self._hand_over(scenario)}{answering(scenario.answers)}peerlint-live; printf '%s\\n' '{_MARK}'"
        return f"peerlint_serve() {{\n{live}\n}}\n{go_through(files)}"

    def hand_over_code(self, scenario: Scenario, *, last: bool) -> str:
        """Code that fills in what the agent reads out of files; with `last` what the scenario has it say instead."""
        return self._hand_over(scenario if last else replace(scenario, handed_over={}))

    def _hand_over(self, scenario: Scenario) -> str:
        """Code that fills in what the agent reads out of the files that were made before."""
        made = sorted({path for provider in self._providers for path in self._original.temp_files_of(provider.number)})
        code = "".join(
            f'[ -n "${{{name}+x}}" ] || {name}=$(sed -n "s/^{name}=//Ip" {shlex.join(made)} 2>/dev/null | tail -n 1)\n'
            for name in sorted(self.placeholders)
            if made
        )
        return code + "".join(f"{name}={shlex.quote(value)}\n" for name, value in scenario.handed_over.items())

    # --- after -------------------------------------------------------------------------------------------------------

    def _observe(self, code: int | None, said: str, ended: Mapping[str, Any], scene: Path) -> Trace:
        traced = written_text(scene / "home" / "trace.log", _MOST_TRACED)
        files = self._files(scene)
        names = self._lab.names(scene)
        if _MARK not in said:
            return renamed(Trace(NOT_REACHED if code is not None else TIMES_OUT, messages=lines_of(said)), names)
        said, traced = said.partition(_MARK)[2], traced.partition("peerlint-live")[2]
        shown = self._shown(code, said, traced, files, ended, self._lab.given(scene)["PWD"])
        return renamed(shown, names)

    def _shown(
        self, code: int | None, said: str, traced: str, files: Mapping[str, str], ended: Mapping[str, Any], work: str
    ) -> Trace:
        lines = lines_of(said)
        crashes = [line for line in lines if self._is_complaint(line)]
        words = [own_words(line, self.texts) if line in crashes else line for line in lines]
        outcome, reason = self._outcome(code)
        return Trace(
            outcome,
            reason,
            tuple(line for line in words if line),
            tuple(actions_of(ended["calls"], work)),
            ended["state"],
            files,
            self._arms.taken(traced, HOME),
            crashes[0] if crashes else None,
            any(call["tool"] == "jq" and call["code"] for call in ended["calls"]),
            next((" ".join([c["tool"], *c["argv"]]) for c in ended["calls"] if c["unsupported"]), None),
        )

    def _is_complaint(self, line: str) -> bool:
        if not _COMPLAINT.match(line):
            return False
        source = line.partition(": ")[0]
        known = {f"call{at}.sh" for at in range(1, len(self._step.calls) + 1)} | {"bash", "program"}
        known |= {"go.sh", *(Path(name).name for name in self._original.scripts)}
        # A temporary file that is sourced is code, too.
        known |= {Path(name).name for name in self._original.temp_files_of(self._step.number)}
        return Path(source).name in known

    def _outcome(self, code: int | None) -> tuple[str, str | None]:
        if code is None:
            return TIMES_OUT, None
        meaning = self._step.exits.get(code, self._step.exits.get(ANY_FAILURE) if code else None)
        if isinstance(meaning, Proceed):
            return (GOES_ON if meaning.step is None else f"goes to step {meaning.step}"), None
        if isinstance(meaning, Stop):
            return STOPS, meaning.reason.literal if meaning.reason else None
        return (GOES_ON if code == 0 else STOPS), None

    def _files(self, scene: Path) -> dict[str, str]:
        """Files that the step left in its folder or in the home, without those of the lab and unchanged scripts."""
        own = {scene / "home" / "trace.sh", scene / "home" / "trace.log"}
        own |= set((scene / "home").glob("before*.sh")) | set((scene / "home").glob("call*.sh"))
        scripts = {script_place(name, scene): text for name, text in self._original.scripts.items()}
        return {
            name: text
            for name, text in read_files(scene, own).items()
            if scripts.get(scene / place_in_scene(name)) != text
        }


def _name_of(session: Session) -> str:
    return str(session.scene)

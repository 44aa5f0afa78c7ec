"""jq programs and regular expressions of a file, run in one child process that can be killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from peerlint.patterns import regex
from peerlint.run import ere, jsontext
from peerlint.run.world import Cause, EffectFailure

#: Seconds for one program.
TIME_LIMIT = 10.0

#: Exit statuses of the jq tool by what went wrong.
_EXIT = {"compile": 3, "parse": 2, "runtime": 5}
_TEXT = regex(r'"(?:\\.|[^"\\])*"|#[^\n]*')
_REFUSED = regex(
    r"\$ENV\b|\$__prog_args\b|(?<![.\w$@])(?:env|input_filename|inputs?|halt|halt_error|import|include)\b(?!\s*:)"
)


def filter_failure(message: str, code: int = 1, output: str = "") -> EffectFailure:
    """A filter that failed, with the exit status of the tool that it stands for."""
    return EffectFailure(Cause.FILTER, message, code, output)


class Filters:
    """Starts its child at the first use and keeps it; a child that takes too long is killed and replaced."""

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._child: subprocess.Popen[bytes] | None = None
        self._end_child: Callable[[], object] | None = None

    def jq(self, program: str, text: str, flags: str, arguments: Mapping[str, str]) -> str:
        """Output of the program as the jq tool prints it, without trailing newlines. Raises EffectFailure."""
        refused = _REFUSED.search(_TEXT.sub('""', program))
        if refused:
            raise filter_failure(f"jq: error: {refused[0]} is not available here", _EXIT["compile"])
        wanted = set(flags) - {"-"}
        reply = self._ask(
            {
                "program": program,
                # What is no UTF-8 cannot reach jq; the tool replaces it too.
                "text": text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                "null": "n" in wanted,
                "slurp": "s" in wanted,
                "arguments": dict(arguments),
            }
        )
        output = "\n".join(_printed(result, wanted) for result in reply["results"]).rstrip("\n")
        if reply["error"] is not None:
            code = _EXIT[reply["stage"]]
            lines = str(reply["error"]).splitlines() or [""]
            message = lines[0] if lines[0].startswith("jq: ") else f"jq: error: {lines[0]}"
            raise filter_failure(message, code, output)
        if "e" in wanted and (not reply["results"] or reply["results"][-1] in ("null", "false")):
            raise filter_failure("jq: the last output is null or false", 1 if reply["results"] else 4, output)
        return output

    def matches(self, pattern: str, text: str) -> bool:
        """Whether the extended regular expression is found in a line of the text. Raises EffectFailure."""
        try:
            translated = ere.to_python(pattern)
        except ValueError as error:
            raise filter_failure(f"no regular expression: {pattern}: {error}", 2) from None
        return bool(self._ask({"pattern": translated, "text": text}).get("matches"))

    def close(self) -> None:
        """Ends the child; the next use starts another."""
        self._child = None
        if self._end_child is not None:
            self._end_child()

    def _start(self) -> subprocess.Popen[bytes]:
        child_program = Path(__file__).with_name("filter_child.py")
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(child_program), json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            # Ctrl-C is the parent's business; the child ends with its pipe.
            start_new_session=True,
        )
        # Also when the last reference to this object goes, and when the interpreter ends.
        self._end_child = weakref.finalize(self, _end, self._child)
        return self._child

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        child = self._child if self._child is not None and self._child.poll() is None else self._start()
        assert child.stdin is not None and child.stdout is not None
        clock = threading.Timer(self._time_limit, child.kill)
        clock.start()
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            clock.cancel()
        if not line.endswith(b"\n"):
            self.close()
            raise filter_failure("the filter ran out of its limits (time or memory)")
        reply: dict[str, Any] = json.loads(line)
        return reply


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # a request that the child did not read
                pipe.close()


def _printed(result: str, flags: set[str]) -> str:
    """One result of jq (compact JSON) as the flags want it."""
    if flags <= {"c", "n", "e", "s"} and "c" in flags:
        return result
    value = jsontext.parse(result)
    if "r" in flags and isinstance(value, str) and not isinstance(value, jsontext.Literal):
        return str(value)
    return jsontext.dump(value, compact="c" in flags, sort_keys="S" in flags)

"""The child that runs jq programs and regular expressions of a file: no environment, limits, one request a line.

Started by path with an empty environment; it imports nothing of ours. A request is one line of JSON, so is a reply:
`{"program", "text", "null", "slurp", "arguments"}` gives `{"results": [JSON text], "error", "stage"}`, and
`{"pattern", "text"}` gives `{"matches"}`.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

#: Most results and characters that one program may give.
MAX_RESULTS, MAX_CHARACTERS = 100_000, 16_000_000


def limit_resources() -> None:
    """Bounds memory to 1 GiB, writes no file; a system without such limits goes on, the parent's clock stays."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, 1 << 30), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):
            continue


def run_jq(request: dict[str, Any]) -> dict[str, Any]:
    """Each result as compact JSON that jq itself has printed, so that numbers look as jq prints them."""
    import jq

    program, arguments = request["program"], request["arguments"]
    try:
        # Alone first: a program must not close the parenthesis that is put around it.
        jq.compile(program, args=arguments)
        compiled = jq.compile(f"({program}\n)|tojson", args=arguments)
    except ValueError as error:
        return {"results": [], "error": str(error), "stage": "compile"}
    results: list[str] = []
    size = 0
    try:
        text = "null" if request["null"] else request["text"]
        for result in compiled.input_text(text, slurp=request["slurp"] and not request["null"]):
            results.append(result)
            size += len(result)
            if len(results) > MAX_RESULTS or size > MAX_CHARACTERS:
                return {"results": [], "error": "the output is too large", "stage": "runtime"}
    except ValueError as error:
        stage = "parse" if str(error).startswith("parse error") else "runtime"
        return {"results": results, "error": str(error), "stage": stage}
    return {"results": results, "error": None, "stage": None}


def run_pattern(request: dict[str, Any]) -> dict[str, Any]:
    """Whether the (Python) pattern is found in a line of the text."""
    pattern = re.compile(request["pattern"], re.ASCII)
    return {"matches": any(pattern.search(line) for line in request["text"].split("\n"))}


def main() -> None:
    """Answers requests until the parent closes the pipe."""
    sys.path[:] = json.loads(sys.argv[1])
    limit_resources()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = run_jq(request) if "program" in request else run_pattern(request)
        except (MemoryError, RecursionError, ImportError) as error:
            reply = {"results": [], "error": f"{type(error).__name__}: {error}", "stage": "runtime", "matches": False}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()

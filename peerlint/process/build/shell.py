"""How lines of an instruction file state shell: SCRIPT lines, prose with a run verb, bare lines, hybrids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.patterns import may_hold, regex
from peerlint.process.roles.orders import SENTENCE_END, is_run_of_script, last_sentence

#: Languages of a fence that the agent's Bash tool runs.
SHELL_LANGUAGES = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session"})

_SUFFIX = r"\.(?:sh|bash|zsh|ps1|py|[cm]?js|[cm]?ts|rb|pl)\b(?!\w|\.\w)"
_MAY_END_SCRIPT = regex(_SUFFIX)
_ENDING = rf"\w{_SUFFIX}"
_SCRIPT = rf"[~\w./${{}}\[\]-]*{_ENDING}"
#: A word that is a script: quotes may end in its middle (`"$ROOT"/x.sh`), and a placeholder may be its folder.
_SCRIPT_WORD = regex(rf"^[\"']?((?:<[\w -]+>/)?[~\w./${{}}\[\]\"'-]*{_ENDING})[\"']?$")
#: Words in front of a script that run it.
_LAUNCHERS = frozenset(
    [
        "bash",
        "sh",
        "zsh",
        "python",
        "python3",
        "node",
        "bun",
        "deno",
        "npx",
        "tsx",
        "ts-node",
        "ruby",
        "perl",
        "pwsh",
        "powershell",
        "source",
        ".",
        "env",
        "sudo",
        "time",
        "exec",
        "timeout",
        "nohup",
        "nice",
        "xargs",
        "command",
        "uv",
        "poetry",
        "pipenv",
        "pdm",
        "hatch",
        "rye",
    ]
)
#: Launchers that run a script as `uv run x.py`, and flags of launchers that take the next word as their value.
_RUNNERS = frozenset({"uv", "poetry", "pipenv", "pdm", "hatch", "rye", "bun", "deno"})
_FLAGS_WITH_VALUE = frozenset({"--with", "--python", "--extra", "--group", "--project", "--directory", "-u", "-n"})
#: What looks at a script without running it: `node --check x.js`, `bash -n x.sh`.
_CHECKED = regex(r"\bnode\s+(?:-c|--check)\s|\b(?:ba|z)?sh\s+-n\s")
#: What divides commands. Each alternative begins with a character, for which a text is searched fast.
_SEPARATOR = regex(
    r"\|\||&&|;|\||&|\n|\(|\)|`|t(?<=\bt)hen\b|d(?<=\bd)o\b|e(?<=\be)lse\b|i(?<=\bi)f\b|w(?<=\bw)hile\b|!\s"
)
#: A quoted text with marks that divide commands elsewhere (`sed 's|a|b|'`); behind `-c` it is a command itself.
_QUOTED_MARKS = regex(r"(?<![ -]\wc )(?<!-c )'[^'\n]*[|;&(][^'\n]*'")
_ASSIGNMENT_WORD = regex(r"^[A-Za-z_]\w*=\S*$")

#: `SCRIPT: path args`, `STORE using: script`: a directive whose payload is a command line.
_CALL_LINE = regex(r"^(?:SCRIPT|BASH|SHELL|RUN SCRIPT|[A-Z]+ USING|[A-Z]+ using)\s*:\s*(?P<code>\S.*)$")
_RUN_PROSE = regex(
    r"\b(?:use|using)\s+(?:the\s+|your\s+)?bash\s+tool\b|(?:^|[.!?:][*_]*\s+)\W*(?:\d+\.\s*)?(?:run|execute|invoke|call)\b|"
    r"\b(?:then|and|to|by|must|please|let'?s)\s+(?:run|running|execute|executing|invoke|call|calling)\b",
    re.IGNORECASE,
)
#: Words that may mean something else, and order a run where the script stands right behind them, or in front.
_RUN_BESIDE = regex(
    r"(?:(?:^|[.!?:,;][*_]*\s+|\b(?:then|and|to)\s+)\W*(?:re-?run|launch|trigger|start)"
    r"|\b(?:capture|save|store|record|keep|parse|show)\s+(?:the\s+)?(?:output|results?)\s+of"
    r"|(?:^|[.!?:]\s+)\W*(?:apply|build|check|collect|create|deploy|export|extract|fetch|format|generate|import|lint|load"
    r"|make|migrate|prepare|publish|render|reset|restore|scan|seed|sync|take|test|update|upload|validate|verify)\b"
    r"[^`.:;!?\n]{1,60}\s(?:with|using|via)"
    r"|(?:^|[.!?]\s+)\W*(?:finally|then|next|now)\s*:)\s+(?:the\s+)?(?:script\s+)?[*_]*`"
    r"|`[^`\n]+`[*_]*\s+(?:must|should|has\s+to|needs\s+to)\s+(?:then\s+)?be\s+(?:run|executed|called|invoked|started)\b",
    re.IGNORECASE,
)
#: A line that is nothing but a name with what a command prints; nobody writes that to speak of the command.
_SET_ALONE = regex(r"^`(?P<code>[A-Za-z_]\w*=\"?\$\([^`\n]+\)\"?)`[.,;]?$")
_AS_EXAMPLE = regex(r"\b(?:e\.g\.|for example|for instance|such as)", re.IGNORECASE)
_CODE_SPAN = regex(r"`([^`\n]+)`")
_BARE_SCRIPT = regex(rf"(?<![\w/`.~-])((?:bash |sh |python3? |node )?(?:~|\.{{1,2}})?/?{_SCRIPT})")
_PATHLIKE = regex(r"[/~]")

_BARE_SHELL = regex(
    r"""^(?:
        (?:export\s+|local\s+|readonly\s+)?[A-Za-z_]\w*=(?:"|'|\$|\d+\b|[\w./-]+$|$)
      | (?:el)?if\s+(?:!\s*)?(?:\[|test\b|command\b|\w+\s+-|[\w./-]+\s).*(?:;\s*then)?\s*$
      | (?:then|else|fi|done|esac|do|;;)\s*(?:;\s*.*)?$
      | (?:for|while|until)\s.*;\s*do\b
      | case\s+\S+\s+in\s*$
      | \[\[?\s.*\]\]?\s*(?:&&|\|\|)
      | (?:echo|printf|cat|mkdir|rm|cp|mv|touch|grep|sed|awk|jq|curl|git|exit|sleep|return|set|cd|source|nats)\s+
          (?:["'$~/.<>|-]|kv\b|\w+[\s;|&]|\w+$)
    )""",
    re.VERBOSE,
)
#: A call of a script that stands bare: behind what runs it, or with arguments that no sentence has.
_BARE_CALL = regex(
    rf"""^(?:(?:bash|sh|zsh|python3?|node)\s+[~\w./${{}}"-]*/[\w.-]*{_ENDING}(?:\s|$)
        |(?:~|\.{{1,2}}|\.[\w-]+|\$\{{?\w+\}}?)/[\w./-]*{_ENDING}\s+(?:--?\w|["$\[]))""",
    re.VERBOSE,
)
_SHELL_PROOF = regex(r"\$\(|\$\{|\$[A-Za-z_]|\|\||&&|;\s*(?:then|do)\b|>\s*/|\bnats kv\b|^\s*(?:fi|done|esac)\b")


def may_end_script(text: str) -> Iterator[re.Match[str]]:
    """The places where the name of a script may end; a text without one calls no script."""
    return _MAY_END_SCRIPT.finditer(text)


def script_references(code: str) -> tuple[str, ...]:
    """The script files that a command line calls, as written and in order, each once.

    Only words at the place of a command count, also behind `bash`, `python3` and their like; a script that is an
    argument (`chmod +x x.sh`, `cat x.sh`) is not called.
    """
    found: dict[str, None] = {}
    lines = (line for line in code.splitlines() if not line.lstrip().startswith("#"))
    code = "\n".join(lines).replace("\\\n", " ")
    if "'" in code:
        code = _QUOTED_MARKS.sub("''", code)
    for command in _SEPARATOR.split(code):
        before = ""
        for word in command.split():
            script = _SCRIPT_WORD.match(word)
            if script:
                if not _CHECKED.search(command, 0, command.find(word)):
                    found[script[1]] = None
                break
            if not _may_stand_before_script(word, before):
                break
            before = word
    return tuple(found)


def _may_stand_before_script(word: str, before: str) -> bool:
    """Whether the next word can still be the command: after `FOO=1`, `timeout 5`, `bash -e`, `uv run --with x`."""
    if _ASSIGNMENT_WORD.match(word) or (word.startswith("-") and word != "-") or before in _FLAGS_WITH_VALUE:
        return True
    name = word.rsplit("/", 1)[-1]
    return name in _LAUNCHERS or (word == "run" and before in _RUNNERS) or re.fullmatch(r"\d+[smh]?", word) is not None


#: Stands in the text for the script that the front matter declares, by shell: `scripts:` with `sh:`, `ps:`, `py:`.
SCRIPT_PLACEHOLDER = "{SCRIPT}"
_DECLARED = regex(r"^scripts:[ \t]*\r?\n(?P<lines>(?:[ \t]+\S.*(?:\r?\n|\Z))+)", re.MULTILINE)
_DECLARED_LINE = regex(r"^[ \t]+(?P<shell>sh|py|ps):[ \t]*(?P<code>\S.*?)[ \t\r]*$", re.MULTILINE)


def declared_script(front_matter: str) -> str | None:
    """The command line that front matter declares for `{SCRIPT}`, that for bash first; None where there is none."""
    block = _DECLARED.search(front_matter)
    lines = {line["shell"]: line["code"] for line in _DECLARED_LINE.finditer(block["lines"])} if block else {}
    found = next((lines[shell] for shell in ("sh", "py", "ps") if shell in lines), None)
    return found if found and script_references(found) else None


def called_by_line(text: str) -> str | None:
    """The command line of `SCRIPT: path args`, `STORE using: script`; None for every other line."""
    match = _CALL_LINE.match(text)
    if not match:
        return None
    code = match["code"].strip()
    if len(code) > 1 and code[0] == code[-1] == "`":
        code = code[1:-1]
    names_shell = match[0].split(":")[0].strip().upper() in {"BASH", "SHELL"}
    return code if names_shell or script_references(code) else None


def called_in_prose(text: str, declared: str | None = None) -> str | None:
    """The command line in a sentence that tells the agent to run it (`Run \\`x.sh\\``), else None.

    A sentence without a run verb, or whose code is no call of a script, is prose: what it does with a plain command
    is the agent's own affair. A line that is nothing but `X=$(script)` needs no verb. `declared` is what `{SCRIPT}`
    stands for in the file.
    """
    # The command ends as a script does, or stands between backticks and for a script, or is meant for the Bash tool.
    may_be_declared = declared is not None and SCRIPT_PLACEHOLDER in text
    if not _MAY_END_SCRIPT.search(text) and ("`" not in text or not (may_be_declared or may_hold(text, ("bash",)))):
        return None
    alone = _SET_ALONE.match(text)
    if alone is not None and script_references(alone["code"]):
        return alone["code"]
    is_told = _RUN_PROSE.search(text) is not None or is_run_of_script(text)
    beside = None if is_told else _RUN_BESIDE.search(text)
    if not is_told and beside is None:
        return None
    names_tool = re.search(r"\bbash\s+tool\b", text, re.IGNORECASE)
    for match in _CODE_SPAN.finditer(text):
        if beside is not None and not beside.start() <= match.start() < beside.end():
            continue
        if _AS_EXAMPLE.search(text, 0, match.start()):
            break
        if declared and match[1].startswith(SCRIPT_PLACEHOLDER):
            return match[1].replace(SCRIPT_PLACEHOLDER, declared, 1)
        if script_references(match[1]) or (names_tool and is_shell_line(match[1])):
            return match[1]
    if beside is not None:
        return None
    bare = _BARE_SCRIPT.search(_CODE_SPAN.sub(lambda span: " " * len(span[0]), text))
    if bare and _PATHLIKE.search(bare[1]):
        arguments = re.match(r"(?:\s+(?:--[\w-]+(?:[= ]\S+)?|\"[^\"]*\"|\$\w+))*", text[bare.end() :])
        return bare[1] + (arguments[0] if arguments else "")
    return None


def called_across_lines(before: str, text: str, declared: str | None = None) -> str | None:
    """The command line that a line names for a sentence that began in the line before with the order to run it."""
    if next(may_end_script(text), None) is None:
        return None
    begun = last_sentence(before.strip())
    said = called_in_prose(f"{begun} {text}", declared)
    if said is None or said not in text or SENTENCE_END.search(text, 0, text.index(said)):
        return None
    return said


def is_shell_line(text: str) -> bool:
    """Whether a line that stands bare in a text is shell: nothing that a person would write as prose or logic."""
    if _BARE_SHELL.match(text) and (_SHELL_PROOF.search(text) or _is_plain_command(text)):
        return True
    return _BARE_CALL.match(text) is not None and "`" not in text


def _is_plain_command(text: str) -> bool:
    return bool(
        re.match(r"^(?:echo|printf)\s+[\"']|^(?:exit|sleep)\s+\d+$|^[A-Z_]+=\S*$|^(?:fi|done|esac|else|then)$", text)
    )


_HYBRID_HEAD = regex(r"^(IF|ELSE IF|ELIF)\b\s*(.*?)\s*(?:;\s*then|:|)\s*$")
_SHELL_TEST = regex(r"^!?\s*(?:\[\[?\s.*\]\]?|test\s|command\s+-v\s)")
_QUOTED = regex(r'^"(?:[^"\\`$]|\\.)*"$')


_SAID_AS = {"DISPLAY": "", "WARN": "  # WARN", "PROVIDE": "  # PROVIDE", "ERROR": " >&2"}


def hybrid_as_shell(lines: list[str]) -> str | None:
    """Bash that means what mixed lines say (`IF [ -z "$X" ]; then … ELSE: … fi`); None where that is not certain.

    Directives in between become their plain counterpart: DISPLAY, WARN and PROVIDE `echo`, the last two with their
    word as a comment, ERROR `echo … >&2`, STOP `exit 1`.
    """
    if not any(_is_hybrid_head(line.strip()) for line in lines):
        return None
    out: list[str] = []
    for line in lines:
        text = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        shell = _hybrid_line(text)
        if shell is None:
            return None
        out.append(indent + shell if shell else "")
    closed = sum(text.strip() == "fi" for text in out)
    opened = sum(text.lstrip().startswith("if ") for text in out)
    return "\n".join(out) if opened == closed else None


def _is_hybrid_head(text: str) -> bool:
    head = _HYBRID_HEAD.match(text)
    return bool(head and _SHELL_TEST.match(head[2]))


def _hybrid_line(text: str) -> str | None:
    if not text:
        return ""
    head = _HYBRID_HEAD.match(text)
    if head:
        word = "if" if head[1] == "IF" else "elif"
        return f"{word} {head[2]}; then" if _SHELL_TEST.match(head[2]) else None
    if re.match(r"^(?:ELSE:?|else:?)$", text):
        return "else"
    if re.match(r"^(?:FI|END IF|ENDIF)$", text):
        return "fi"
    if re.match(r"^STOP(?: execution)?$", text):
        return "exit 1"
    directive = re.match(r"^(DISPLAY|WARN|PROVIDE|ERROR)\s*:\s*(.+)$", text)
    if directive:
        if not _QUOTED.match(directive[2]):
            return None
        # Shell has one word for all that is said; a comment keeps the kind of message that was meant.
        return f"echo {directive[2]}" + _SAID_AS[directive[1]]
    return text if is_shell_line(text) else None

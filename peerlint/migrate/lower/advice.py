"""What the author of a step can do about the reason for which it stays as it is."""

from __future__ import annotations

from peerlint.patterns import regex

_QUOTE_OR_LIST = "quote it, or go through a list with for"
_ONE_COMMAND = "split it, and keep each output under a name"
_KEEP_SCRIPT = "keep it as a script, and call that"
_GUARD = 'begin its body with [ -n "$NAME" ] || continue'
_DOWN = "let it read from <<< with IFS= read -r, so that it runs in the same shell"
_FOLDER = "put it into parentheses with what needs the folder, or name the paths from here"
_WHOLE_FILE = "keep the text under a name, or write a file of the project"

#: Beginnings of reasons, and what helps. The first that matches counts.
_ADVICE = tuple(
    (regex(begins), text)
    for begins, text in (
        (r"\$\w+ without quotes is split|the output of a command without quotes", _QUOTE_OR_LIST),
        (r"the function \w+, which nothing calls", "call it in the step that needs it, or " + _KEEP_SCRIPT),
        (r"the comment ", "ask for it with if, or give each way a fence of its own below its condition"),
        (r"[ef]?grep at the end", "end with || true, or ask with if grep -q"),
        (r"a test at the end of a call", "ask for it with if, and put what follows there"),
        (r"source of ", "call it as a program, or state what it does"),
        (
            r"this cannot be read as bash|a line of prose among",
            "check it with bash -n, and keep prose out of the fence",
        ),
        (r"a loop that also runs for empty lines", _GUARD),
        (r"a loop that reads a file", 'write while IFS= read -r NAME || [ -n "$NAME" ], and ' + _GUARD),
        (r"a loop in a pipeline", _DOWN),
        (r"a loop over a text whose last", "end the text with a newline"),
        (
            r"a loop whose read|a loop that reads several names|a read that cuts",
            "write IFS= read -r NAME, or IFS=: read -r ONE OTHER",
        ),
        (r"a loop without a known end", "give it a bound, as for i in {1..30} does"),
        (r"a loop at the end, whose last call", "let something with a status of its own follow"),
        (r"a background job|wait for a|kill", "run it to its end, or leave it to the agent in words"),
        (r"cd |pushd ", _FOLDER),
        (r"a substitution that changes|a subshell with", "do it in front, where the names are known"),
        (r"the status of several|several texts printed", _ONE_COMMAND),
        (r"several effects in one condition|&& and \|\| in one", "take it apart into one IF within another"),
        (r"\S+ may be that word, or", 'write "NAME" in quotes for the word, and <name> for what is filled in'),
        (r"a command whose name is in a variable", "write its name, or set it to one name on each way"),
        (r"a temp file that \S+ needs|a temp file that is written in|a temp file whose|/\S+ is no text", _WHOLE_FILE),
        (
            r"/\S+ is read, but no|a temp file that no earlier|a test of a temp file",
            "write it in an earlier step of this file",
        ),
        (r"\w+ is a variable here|\w+ is set here", "give one of the two another name"),
        (r"mktemp |uuidgen |hostname |\$\w+ differs|\$\$ is", "use a fixed name, or let the agent fill it in"),
        (r"ARGUMENTS is set", "set a name of your own from it"),
        (r"a failure of \S+ inside|errors that some commands", _ONE_COMMAND),
        (r"output that leaves a pipeline|standard input of its own|error text mixed", "keep that output under a name"),
        (
            r"a redirection of a compound|a loop or condition whose|several commands that write",
            "write the file behind it",
        ),
        (
            r"a compound command in a pipeline|a call in a pipeline|a pipeline into",
            "keep its output under a name first",
        ),
        (r"the array BASH_REMATCH", "take the part of the text with sed -E or cut"),
        (r"\$0,|the array (?:BASH_SOURCE|FUNCNAME)", "write what the reader should see"),
        (r"the array|an array|\$\{\w+\[", "fill it here with NAME+=(…), and go through it with for"),
        (r"read waits", 'ask with read -p "question" NAME'),
        (r"a variable that is set for the call of", "hand it over as an argument"),
        (r"a variable that is set for one", "write env NAME=value in front of it, or hand it over as an argument"),
        (r"\S+ that reads a file as its input", "name the file as an argument, or feed it with cat"),
        (r"jq -R", "write printf '%s' \"$NAME\" | jq -Rs . for the text of a name"),
        (r"jq |a jq |\S+ inside a pipeline in this", "hand values over with --arg, and keep the output under a name"),
        (r"file names that match|\S+ is expanded by the shell", "go through them with for"),
        (
            r"a file that does not end|a tool that sees whether|a filter that sees whether",
            "end the text with a newline",
        ),
        (r"wc of /\S+, which", "count where the text is made: N=$(command | wc -l)"),
        (r"part of a line is printed", "print whole lines"),
        (r"continue outside|continue of|break out", "leave the loop that it stands in, or end with exit"),
        (r"an exit status that is used|an exit code that is not", "test it right behind the command"),
        (r"\$\d\d", "write \\$ for the sign of an amount, and ${10} for the argument"),
        (r"\$\d|the number of arguments|all arguments|a loop over all arguments", "name each argument in the step"),
        (r"shift|getopts|an argument|a loop that takes the arguments", "take each flag by --name=value in a case"),
        (r"eval|exec|flock|shopt|alias|umask|unset|let|a trap", _KEEP_SCRIPT),
        (r"arithmetic|\(\(", "calculate one step at a time, under names"),
        (r"\$\{", "cut or change it with sed, tr or cut"),
        (r"process substitution", "keep that output under a name"),
        (r"\[ … \] with a pattern", "ask with ls PATTERN > /dev/null 2>&1"),
        (r"a printf", "print the text with echo"),
        (r"a pattern|a regular expression|a test", "use =, -z, -f or grep -q"),
        (r"nats pub without", 'give the text as an argument: nats pub SUBJECT "$TEXT"'),
        (r"nats (?:pub|request) (?:of|with) ", "state it as PUBLISH: or REQUEST: yourself"),
        (r"the output of nats pub", "ask for its exit code with if, or hide its output"),
        (r"nats request whose exit", "state it as REQUEST: … AS REPLY with IF request fails:"),
        (r"nats request whose reply|nats request without", "keep the reply: REPLY=$(nats request --raw SUBJECT TEXT)"),
        (r"nats (?!kv).*has no typed", "leave it to the agent in words, in a step of its own"),
        (r"nats ", "use nats kv get --raw, put, create, update or del"),
        (r"\S+ is not in the project", "add the script, or state what it does"),
    )
)


def advice_for(reason: str) -> str:
    """What helps against a reason, in a few words; "" where it says so itself."""
    return next((text for begins, text in _ADVICE if begins.match(reason)), "")

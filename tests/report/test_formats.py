"""Each output format: its shape, its unit of columns, and that text of files does no harm in it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml
from lxml import etree

from peerlint.lint.diagnostics import Applicability, Confidence, Diagnostic, FileFindings, Fix, Related, Severity
from peerlint.lint.rules import all_rules
from peerlint.report import FORMATS, ReportSettings, render
from peerlint.source.text import Edit, Position, SourceText, Span

SETTINGS = ReportSettings(rules=tuple(all_rules().values()))
#: The finding is "run.sh", behind a character outside of the basic plane, in a file with Windows line ends.
EMOJI = SourceText("a/peer.md", "first\r\n  😀 run.sh now\r\n")


def found(
    source: SourceText = EMOJI, word: str = "run.sh", message: str = "runs run.sh", **changes: Any
) -> FileFindings:
    """One finding on a word of a text."""
    start = source.text.index(word)
    fields: dict[str, Any] = {
        "code": "PL101",
        "name": "external-script",
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "message": message,
        "path": source.path,
        "span": Span(start, start + len(word)),
    }
    return FileFindings(source, (Diagnostic(**fields | changes),))


def report(output_format: str, *files: FileFindings, color: bool = False) -> str:
    """The text of a report."""
    return render(output_format, files, ReportSettings(color=color, rules=SETTINGS.rules))


def test_text_shows_the_line_with_carets_below_the_word() -> None:
    assert report("text", found(help="do this")) == (
        "a/peer.md:2:5: PL101 runs run.sh\n"
        "  |\n"
        "1 | first\n"
        "2 |   😀 run.sh now\n"
        "  |      ^^^^^^\n"
        "  = do this\n"
        "\n"
        "Found 1 problem in 1 of 1 file (1 error).\n"
    )


def test_notes_stand_last_and_those_of_one_rule_are_one() -> None:
    text = "run.sh\nadvice\nadvice\nrun.sh\nother\n"
    places = [("run.sh", 0), ("advice", 7), ("advice", 14), ("run.sh", 21), ("other", 28)]
    diagnostics = []
    for word, start in places:
        severity = Severity.ERROR if word == "run.sh" else Severity.NOTE
        code = {"run.sh": "PL101", "advice": "PL309", "other": "PL308"}[word]
        span = Span(start, start + len(word))
        (diagnostic,) = found(
            SourceText("a.md", text), span=span, severity=severity, code=code, message=f"{word} {start}", help="do it"
        ).diagnostics
        diagnostics.append(diagnostic)

    report_of_all = report("text", FileFindings(SourceText("a.md", text), tuple(diagnostics)))

    assert [line for line in report_of_all.splitlines() if "a.md:" in line] == [
        "a.md:1:1: PL101 run.sh 0",
        "a.md:4:1: PL101 run.sh 21",
        "a.md:2:1: PL309 advice 7",
        "a.md:5:1: PL308 other 28",
    ]
    assert "a.md:2:1: PL309 advice 7\n  = and 1 more like it, in line 3\n  = do it\n\n" in report_of_all
    assert report_of_all.endswith("Found 5 problems in 1 of 1 file (2 errors, 3 notes).\n")


def test_carets_stand_below_words_behind_tabs() -> None:
    lines = report("text", found(SourceText("a.md", "\trun.sh\n"))).splitlines()

    assert lines[3].index("^") == lines[2].index("run.sh")


def test_colour_adds_and_never_carries_meaning() -> None:
    colored = report("text", found(), color=True)

    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == report("text", found())


def test_the_summary_counts_fixes_by_what_they_need() -> None:
    files = [found(fix=Fix(kind, "mend", (Edit(Span(0, 1), "x"),))) for kind in Applicability]

    assert report("concise", *files).splitlines()[-1] == (
        "Found 4 problems in 4 of 4 files (4 errors). 2 can be fixed with --fix; [p] is proved before it is written."
        " 1 more with --unsafe-fixes."
    )


def test_a_fix_that_only_the_unsafe_option_makes_is_told_in_a_whole_sentence() -> None:
    unsafe = found(fix=Fix(Applicability.UNSAFE, "mend", (Edit(Span(0, 1), "x"),)))

    assert report("concise", unsafe).splitlines()[-1] == (
        "Found 1 problem in 1 of 1 file (1 error). 1 can be fixed with --fix --unsafe-fixes."
    )


def test_json_columns_count_code_points() -> None:
    (entry,) = json.loads(report("json", found()))

    assert entry["location"] == {"row": 2, "column": 5}
    assert entry["end_location"] == {"row": 2, "column": 11}


def test_rdjson_columns_count_bytes() -> None:
    (entry,) = json.loads(report("rdjson", found()))["diagnostics"]

    assert entry["location"]["range"]["start"] == {"line": 2, "column": 8}


def test_jsonl_is_one_object_a_line() -> None:
    lines = report("jsonl", found(), found()).splitlines()

    assert [json.loads(line)["code"] for line in lines] == ["PL101", "PL101"]


def test_github_escapes_what_would_be_a_command() -> None:
    source = SourceText("a,b:c.md", "run.sh\n")
    line = report("github", found(source, message="100%\n::error::x"))

    assert line.startswith(
        "::error title=peerlint (PL101),file=a%2Cb%3Ac.md,line=1,endLine=1,col=1,endColumn=7::PL101 "
    )
    assert line.count("\n") == 1
    assert "100%25" in line


def test_gitlab_tells_equal_findings_apart() -> None:
    source = SourceText("a.md", "run.sh\nrun.sh\n")
    first, second = found(source), found(source, span=Span(7, 13))
    issues = json.loads(report("gitlab", first, second))

    assert len({issue["fingerprint"] for issue in issues}) == 2
    assert issues[0]["description"].startswith("PL101: ")


def test_sarif_has_what_code_scanning_needs() -> None:
    related = (Related("b.md", Position(3, 4), "set here"),)
    fix = Fix(Applicability.SAFE, "mend", (Edit(Span(0, 1), "x"),))
    log = json.loads(report("sarif", found(related=related, fix=fix, step="2")))

    (run,) = log["runs"]
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == "PL101"
    assert rule["help"]["text"]
    assert len(rule["fullDescription"]["text"]) <= 1024
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 2,
        "startColumn": 5,
        "endLine": 2,
        "endColumn": 11,
    }
    assert [entry["id"] for entry in run["tool"]["driver"]["rules"]] == sorted(all_rules())


def test_junit_counts_match_and_a_clean_file_is_a_case_that_passed() -> None:
    xml = JUnitXml.fromstring(report("junit", found(), FileFindings(SourceText("b.md", ""), ())).encode())

    assert (xml.tests, xml.failures) == (2, 1)
    assert [suite.tests for suite in xml] == [1, 1]


@pytest.mark.parametrize("output_format", FORMATS)
def test_nothing_found_is_valid_in_every_format(output_format: str) -> None:
    text = report(output_format)

    if output_format in ("json", "gitlab"):
        assert json.loads(text) == []


HOSTILE = "\x1b[2J\u202e\r\n::error::x\x00\ud800<&\"'"


@pytest.mark.parametrize("output_format", ["text", "concise", "github"])
def test_text_of_files_cannot_reach_the_terminal_or_the_log(output_format: str) -> None:
    source = SourceText(f"a{HOSTILE}.md", f"{HOSTILE}run.sh\n")
    text = report(output_format, found(source, message=HOSTILE))

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    assert not any(line.startswith("::error::x") for line in text.splitlines())


@pytest.mark.parametrize("output_format", ["text", "concise", "html"])
@pytest.mark.parametrize("command", ["##[stop-commands]x", "##vso[task.setvariable variable=a]b"])
def test_what_runners_take_for_a_command_anywhere_in_a_line_is_escaped(output_format: str, command: str) -> None:
    source = SourceText(f"a{command}.md", f"{command}run.sh\n")
    assert command not in report(output_format, found(source, message=command, help=command))


@pytest.mark.parametrize("before", ["", " ", "\u2003"])
def test_a_file_whose_name_begins_like_a_command_is_none(before: str) -> None:
    source = SourceText(f"{before}::warning::x.md", "run.sh\n")
    text = report("concise", found(source))
    assert not text.lstrip().startswith("::")
    assert "x3a:warning::x.md:1:1:" in text


def test_what_cannot_be_seen_is_shown() -> None:
    text = report("text", found(SourceText("a.md", "run.sh \U000e0041\u00ad\u206a\n")))
    assert not {"\U000e0041", "\u00ad", "\u206a"} & set(text)


@pytest.mark.parametrize("output_format", FORMATS)
@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=40))
def test_any_text_gives_a_report_that_can_be_read(output_format: str, text: str) -> None:
    source = SourceText(f"a{text}.md", f"{text}run.sh{text}\n")
    rendered = report(output_format, found(source, message=text or "x", help=text))

    data = rendered.encode("utf-8")
    if output_format in ("json", "gitlab", "sarif", "rdjson"):
        json.loads(data)
    elif output_format == "junit":
        etree.fromstring(data)


def test_html_is_one_page_that_loads_and_runs_nothing() -> None:
    source = SourceText("<b>.md", "a <script>alert(1)</script>\x1b[31m run.sh & more\r\n")
    page = report("html", found(source, message='<img src="x">', help="</pre>"))

    tree = etree.HTML(page)
    assert "default-src 'none'" in page
    assert not tree.xpath("//script | //img | //link | //b | //*[@src] | //*[@onclick]")
    assert tree.xpath("string(//mark)") == "run.sh"
    assert "<script>alert(1)</script>" in str(tree.xpath("string(//pre)"))
    assert "\x1b" not in page


def test_html_marks_the_word_behind_an_emoji() -> None:
    assert "2 |   😀 <mark>run.sh</mark> now</pre>" in report("html", found())


@pytest.mark.parametrize(
    ("output_format", "column"),
    [("github", "col=5"), ("sarif", '"startColumn": 5'), ("gitlab", '"column": 5'), ("concise", ":2:5:")],
)
def test_columns_count_code_points_where_the_format_says_so(output_format: str, column: str) -> None:
    assert column in report(output_format, found())

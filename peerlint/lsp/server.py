"""What an editor asks for, answered from the findings of a text. It starts no process and writes no file.

What a client echoes back of a finding is never used: some count its columns in another unit than they have asked for.
Each answer is made from the findings of the text as it is now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument

from peerlint.errors import InputError
from peerlint.lint.diagnostics import Applicability, Diagnostic, FileFindings, Severity
from peerlint.lint.rules import all_rules, texts_of
from peerlint.lsp.positions import Places
from peerlint.source.text import Edit, EditConflict, SourceText, Span

#: The findings of a text in the place of a file. Raises InputError for config that is wrong.
Check = Callable[[Path, str], FileFindings]

#: Seconds without a keystroke before a text is looked at.
PAUSE = 0.15
FIX_ALL = "source.fixAll.peerlint"

_SEVERITIES = {
    Severity.NOTE: types.DiagnosticSeverity.Information,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.ERROR: types.DiagnosticSeverity.Error,
}


def make_server(check: Check, version: str) -> LanguageServer:
    """A server with everything registered; `start_io()` serves standard input and output until they end."""
    server = LanguageServer("peerlint", version, types.TextDocumentSyncKind.Full)
    open_files = _OpenFiles(server, check)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(opened: types.DidOpenTextDocumentParams) -> None:
        await open_files.look(opened.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(changed: types.DidChangeTextDocumentParams) -> None:
        await open_files.look(changed.text_document.uri, pause=PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(_: types.DidSaveTextDocumentParams) -> None:
        # What one file says may count for another: the script of a call, the config, the names of subagents.
        for uri in list(server.workspace.text_documents):
            await open_files.look(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(closed: types.DidCloseTextDocumentParams) -> None:
        open_files.forget(closed.text_document.uri)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    def code_actions(asked: types.CodeActionParams) -> list[types.CodeAction]:
        return list(open_files.actions(asked))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(asked: types.HoverParams) -> types.Hover | None:
        return open_files.hover(asked)

    return server


class _OpenFiles:
    """The texts that the editor has open, with the findings of the version that was looked at last."""

    def __init__(self, server: LanguageServer, check: Check) -> None:
        self._server = server
        self._check = check
        self._found: dict[str, tuple[int | None, FileFindings]] = {}
        self._newest: dict[str, int] = {}
        self._said: dict[str, str] = {}

    async def look(self, uri: str, pause: float = 0.0) -> None:
        """Publishes the findings of a text, unless it changes again during the pause."""
        turn = self._newest[uri] = self._newest.get(uri, 0) + 1
        if pause:
            await asyncio.sleep(pause)
        if self._newest.get(uri) != turn:
            return
        document = self._server.workspace.get_text_document(uri)
        self._found.pop(uri, None)
        file = self._findings(document)
        places = self._places(file.source)
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=uri,
                version=document.version,
                diagnostics=[_published(diagnostic, places, document) for diagnostic in file.diagnostics],
            )
        )

    def forget(self, uri: str) -> None:
        """Takes the findings of a closed file out of the editor."""
        self._newest.pop(uri, None)
        self._found.pop(uri, None)
        self._said.pop(uri, None)
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    def actions(self, asked: types.CodeActionParams) -> Iterator[types.CodeAction]:
        """The fixes of what lies in the range that is asked for, and all safe ones together."""
        document = self._server.workspace.get_text_document(asked.text_document.uri)
        file = self._findings(document)
        places = self._places(file.source)
        wanted = places.span(asked.range)
        only = asked.context.only

        def action(title: str, kind: str, edits: tuple[Edit, ...], fixed: list[Diagnostic]) -> types.CodeAction:
            change = types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version),
                [types.TextEdit(places.range(edit.span), edit.content) for edit in edits],
            )
            return types.CodeAction(
                title=title,
                kind=kind,
                diagnostics=[_published(diagnostic, places, document) for diagnostic in fixed],
                edit=types.WorkspaceEdit(document_changes=[change]),
            )

        if _is_wanted(types.CodeActionKind.QuickFix, only):
            for diagnostic in file.diagnostics:
                fix = diagnostic.fix
                if fix is not None and fix.edits and not fix.elsewhere and _touches(diagnostic.span, wanted):
                    doubt = " (may change the meaning)" if fix.applicability is Applicability.UNSAFE else ""
                    quick = action(f"{fix.message}{doubt}", types.CodeActionKind.QuickFix, fix.edits, [diagnostic])
                    quick.is_preferred = fix.applicability is Applicability.SAFE
                    yield quick
        if _is_wanted(FIX_ALL, only):
            edits, fixed = _all_safe(file)
            if fixed:
                yield action("Fix everything that peerlint can fix safely", FIX_ALL, edits, fixed)

    def hover(self, asked: types.HoverParams) -> types.Hover | None:
        """The texts of the rules whose findings lie at a place."""
        document = self._server.workspace.get_text_document(asked.text_document.uri)
        file = self._findings(document)
        places = self._places(file.source)
        at = places.span(types.Range(asked.position, asked.position))
        found = [d for d in file.diagnostics if _touches(d.span, at)]
        if not found:
            return None
        text = "\n\n---\n\n".join(dict.fromkeys(map(_rule_page, found)))
        span = Span(min(d.span.start for d in found), max(d.span.end for d in found))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), places.range(span))

    def _findings(self, document: TextDocument) -> FileFindings:
        """The findings of a text as it is now, looked for once per version."""
        version, known = self._found.get(document.uri, (None, None))
        if known is not None and version == document.version:
            return known
        path = to_fs_path(document.uri)
        try:
            text = document.source
        except (OSError, UnicodeError):
            # A client asks about a text that it has not opened, and there is no such file, or none that is text.
            return FileFindings(SourceText(document.uri, ""))
        found = FileFindings(SourceText(document.uri, text))
        if path is not None and document.uri.startswith("file:"):
            try:
                found = self._check(Path(path), text)
                self._said.pop(document.uri, None)
            except InputError as error:
                self._complain(document.uri, str(error))
        self._found[document.uri] = (document.version, found)
        return found

    def _complain(self, uri: str, message: str) -> None:
        """Shows what is wrong with the config, once for all texts until it has been right."""
        known = message in self._said.values()
        self._said[uri] = message
        if not known:
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"peerlint: {message}"))

    def _places(self, source: SourceText) -> Places:
        return Places(source, self._server.workspace.position_encoding or types.PositionEncodingKind.Utf16)


def _published(diagnostic: Diagnostic, places: Places, document: TextDocument) -> types.Diagnostic:
    rule = all_rules().get(diagnostic.code)
    help_text = f"\n{diagnostic.help}" if diagnostic.help else ""
    return types.Diagnostic(
        range=places.range(diagnostic.span),
        severity=_SEVERITIES[diagnostic.severity],
        code=diagnostic.code,
        code_description=types.CodeDescription(rule.url) if rule is not None else None,
        source="peerlint",
        message=f"{diagnostic.message}{help_text}",
        related_information=list(_related(diagnostic, document)) or None,
    )


def _related(diagnostic: Diagnostic, document: TextDocument) -> Iterator[types.DiagnosticRelatedInformation]:
    """Other places, each at the beginning of its line: the text of another file is not at hand."""
    for related in diagnostic.related:
        # Messages name files relative to the working directory, which is that of the server.
        elsewhere = from_fs_path(str(Path(related.path).absolute()))
        uri = document.uri if related.path == diagnostic.path else elsewhere
        start = types.Position(related.position.row - 1, 0)
        if uri is not None:
            yield types.DiagnosticRelatedInformation(types.Location(uri, types.Range(start, start)), related.message)


def _rule_page(diagnostic: Diagnostic) -> str:
    rule = all_rules().get(diagnostic.code)
    head = f"**{diagnostic.code} {diagnostic.name}**"
    if rule is None:
        return f"{head}\n\n{diagnostic.message}"
    texts = texts_of(diagnostic.code)
    parts = (f"[{head}]({rule.url})", texts.summary, texts.why, texts.fix)
    return "\n\n".join(part for part in parts if part)


def _touches(one: Span, other: Span) -> bool:
    """Whether two spans share a character or an edge: a caret stands between characters."""
    return one.start <= other.end and other.start <= one.end


def _is_wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a client that may have named kinds wants one of them; `source` stands for all that begin so."""
    return only is None or any(kind == wanted or kind.startswith(wanted + ".") for wanted in only)


def _all_safe(file: FileFindings) -> tuple[tuple[Edit, ...], list[Diagnostic]]:
    """The safe edits that do not touch each other, with the findings that they mend."""
    edits: tuple[Edit, ...] = ()
    fixed: list[Diagnostic] = []
    for diagnostic in file.diagnostics:
        fix = diagnostic.fix
        if fix is None or fix.applicability is not Applicability.SAFE or fix.elsewhere or not fix.edits:
            continue
        together = (*edits, *(edit for edit in fix.edits if edit not in edits))
        try:
            file.source.edited(together)
        except EditConflict:
            continue
        edits = together
        fixed.append(diagnostic)
    return edits, fixed

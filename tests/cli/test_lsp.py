"""The language server through real clients: one that speaks the protocol, and Neovim where it is installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.cli.test_tutorials import BLOCK
from tests.command_line import clean_environment, peerlint

pytest.importorskip("pygls")

RULE = "PL409"
#: The call stands behind a sign that is one code point, two UTF-16 units and four bytes.
UNQUOTED = """---
description: Build
---
# /build

## Step 1: Build

😀 Run the build:

```bash
echo "😀"; ./scripts/build.sh $ARGUMENTS
```
"""


class Editor(LanguageClient):
    """A client that keeps what the server publishes."""

    def __init__(self) -> None:
        super().__init__("test", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: list[str] = []

        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda found: self.published.put_nowait(found))
        self.feature(types.WINDOW_SHOW_MESSAGE)(lambda shown: self.messages.append(shown.message))

    async def open(self, path: Path, text: str) -> types.PublishDiagnosticsParams:
        item = types.TextDocumentItem(path.as_uri(), "markdown", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.next()

    def change(self, path: Path, version: int, text: str) -> None:
        document = types.VersionedTextDocumentIdentifier(version, path.as_uri())
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(document, [types.TextDocumentContentChangeWholeDocument(text)])
        )

    async def next(self) -> types.PublishDiagnosticsParams:
        return await asyncio.wait_for(self.published.get(), 20)

    async def actions(self, path: Path, place: types.Range, only: list[str] | None = None) -> list[types.CodeAction]:
        found = await self.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(path.as_uri()),
                place,
                # What a client sends back of a finding may be in another unit: it must not matter.
                types.CodeActionContext([], only=only),
            )
        )
        return [action for action in found or () if isinstance(action, types.CodeAction)]


@asynccontextmanager
async def editor(root: Path, encoding: str = "utf-16") -> AsyncIterator[Editor]:
    client = Editor()
    await client.start_io(sys.executable, "-m", "peerlint", "lsp", cwd=str(root), env=clean_environment())
    capabilities = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind(encoding)])
    )
    await client.initialize_async(types.InitializeParams(capabilities, root_uri=root.as_uri()))
    client.initialized(types.InitializedParams())
    try:
        yield client
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]


def talk(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def command_file(project: Path, text: str = UNQUOTED) -> Path:
    path = project / ".claude/commands/build.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def edited(text: str, action: types.CodeAction, columns: Callable[[str, int], int]) -> str:
    """The text after an action; `columns` turns a column of the client into one of code points."""
    assert action.edit is not None and action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    lines = text.split("\n")
    for edit in reversed(change.edits):
        assert isinstance(edit, types.TextEdit) and edit.range.start.line == edit.range.end.line
        line = lines[edit.range.start.line]
        start, end = (columns(line, at.character) for at in (edit.range.start, edit.range.end))
        lines[edit.range.start.line] = line[:start] + edit.new_text + line[end:]
    return "\n".join(lines)


COLUMNS: dict[str, Callable[[str, int], int]] = {
    "utf-8": lambda line, at: len(line.encode()[:at].decode()),
    "utf-16": lambda line, at: len(line.encode("utf-16-le")[: 2 * at].decode("utf-16-le")),
    "utf-32": lambda line, at: at,
}


@pytest.mark.parametrize("encoding", list(COLUMNS))
def test_a_finding_is_shown_explained_and_mended_in_the_unit_of_the_client(project: Path, encoding: str) -> None:
    path = command_file(project)

    async def work() -> None:
        async with editor(project, encoding) as client:
            found = next(d for d in (await client.open(path, UNQUOTED)).diagnostics if d.code == RULE)
            line = UNQUOTED.split("\n")[found.range.start.line]
            shown = slice(*(COLUMNS[encoding](line, at.character) for at in (found.range.start, found.range.end)))
            assert line[shown] == "$ARGUMENTS"
            assert found.code_description is not None and RULE in found.code_description.href

            hover = await client.text_document_hover_async(
                types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), found.range.start)
            )
            assert hover is not None and "unquoted-arguments" in str(hover.contents)

            (fix,) = await client.actions(path, found.range, ["quickfix"])
            mended = edited(UNQUOTED, fix, COLUMNS[encoding])
            assert './scripts/build.sh "$ARGUMENTS"' in mended
            client.change(path, 2, mended)
            again = await client.next()
            assert again.version == 2
            assert RULE not in [diagnostic.code for diagnostic in again.diagnostics]

    talk(work)


def test_all_safe_fixes_come_together_and_only_where_they_are_asked_for(project: Path) -> None:
    text = UNQUOTED.replace(
        "./scripts/build.sh $ARGUMENTS",
        'OPEN=$(grep -c "open" plan.md || echo 0)\nDONE=$(grep -c "done" plan.md || echo 0)\necho "$OPEN $DONE"',
    )
    path = command_file(project, text)

    async def work() -> None:
        async with editor(project) as client:
            found = [d for d in (await client.open(path, text)).diagnostics if d.code == "PL306"]
            assert len(found) == 2
            (everything,) = await client.actions(path, found[0].range, ["source.fixAll"])
            assert "|| echo 0" not in edited(text, everything, COLUMNS["utf-16"])
            (one,) = await client.actions(path, found[0].range, ["quickfix"])
            assert one.is_preferred and edited(text, one, COLUMNS["utf-16"]).count("|| echo 0") == 1
            assert await client.actions(path, found[0].range, ["refactor"]) == []
            nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
            assert await client.actions(path, nowhere, ["quickfix"]) == []

    talk(work)


def test_only_the_newest_of_quick_changes_is_looked_at(project: Path) -> None:
    path = command_file(project)

    async def work() -> None:
        async with editor(project) as client:
            await client.open(path, "# /build\n")
            for version in range(2, 6):
                client.change(path, version, UNQUOTED if version == 5 else "# /build\n")
            newest = await client.next()
            assert newest.version == 5
            assert RULE in [diagnostic.code for diagnostic in newest.diagnostics]
            assert client.published.empty()

            closed = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(path.as_uri()))
            client.text_document_did_close(closed)
            assert not (await client.next()).diagnostics

    talk(work)


def test_the_config_of_the_project_counts_and_a_wrong_one_is_said(project: Path) -> None:
    path = command_file(project)
    config = project / ".peerlint.yaml"

    async def work() -> None:
        config.write_text(f"ignore: [{RULE}]\n", encoding="utf-8")
        async with editor(project) as client:
            first = await client.open(path, UNQUOTED)
            assert RULE not in [diagnostic.code for diagnostic in first.diagnostics]
            config.write_text("ignroe: []\n", encoding="utf-8")
            client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))
            assert not (await client.next()).diagnostics
            assert len(client.messages) == 1 and "ignroe" in client.messages[0]
            for now, said in (("ignroe: []", 1), ("ignore: []", 1), ("ignroe: []", 2)):
                config.write_text(now + "\n", encoding="utf-8")
                client.text_document_did_save(
                    types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri()))
                )
                await client.next()
                assert len(client.messages) == said

    talk(work)


def test_texts_that_no_file_holds_are_left_alone(project: Path) -> None:
    async def work() -> None:
        async with editor(project) as client:
            item = types.TextDocumentItem("untitled:Untitled-1", "markdown", 1, UNQUOTED)
            client.text_document_did_open(types.DidOpenTextDocumentParams(item))
            assert not (await client.next()).diagnostics
            new = project / ".claude/commands/not-saved-yet.md"
            assert RULE in [diagnostic.code for diagnostic in (await client.open(new, UNQUOTED)).diagnostics]

    talk(work)


def test_a_question_about_a_text_that_is_not_open_and_not_there_has_no_answer(project: Path) -> None:
    async def work() -> None:
        async with editor(project) as client:
            place = types.Range(types.Position(0, 0), types.Position(9, 0))
            binary = project / ".claude/commands/binary.md"
            binary.parent.mkdir(parents=True)
            binary.write_bytes(b"\xff\xfe\x00")
            for path in (binary, project / ".claude/commands/gone.md"):
                assert await client.actions(path, place) == []

    talk(work)


DOCS = Path(__file__).parents[2] / "docs/editors.md"
#: Waits for the finding, asks for its quick fix, and waits until the finding has gone.
SESSION = """
vim.cmd('edit .claude/commands/build.md')
vim.cmd('set filetype=markdown')
local function found()
  return vim.tbl_filter(function(d) return d.code == 'PL409' end, vim.diagnostic.get(0))
end
assert(vim.wait(20000, function() return #found() == 1 end), 'no finding')
local at = found()[1]
local params = vim.lsp.util.make_range_params()
params.range = { start = { line = at.lnum, character = at.col }, ['end'] = { line = at.lnum, character = at.end_col } }
params.context = { diagnostics = {}, only = { 'quickfix' } }
local replies = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 20000)
local id, reply = next(replies)
local encoding = vim.lsp.get_client_by_id(id).offset_encoding
vim.lsp.util.apply_workspace_edit(reply.result[1].edit, encoding)
assert(vim.wait(20000, function() return #found() == 0 end), 'it is still there')
vim.cmd('write')
vim.cmd('quitall')
"""


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
def test_neovim_shows_a_finding_and_mends_it_as_the_page_says(project: Path) -> None:
    path = command_file(project)
    blocks = {block["file"]: block["text"] for block in BLOCK.finditer(DOCS.read_text(encoding="utf-8"))}
    (project / "session.lua").write_text(blocks["init.lua"] + SESSION, encoding="utf-8")
    environment = clean_environment({"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"})

    done = subprocess.run(
        ["nvim", "--headless", "-u", "NONE", "-c", "luafile session.lua", "-c", "cquit"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert './scripts/build.sh "$ARGUMENTS"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("says_exit", [True, False])
def test_it_ends_in_peace_when_the_editor_does(project: Path, says_exit: bool) -> None:
    def message(text: str) -> str:
        return f"Content-Length: {len(text)}\r\n\r\n{text}"

    begin = '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": null, "capabilities": {}}}'
    end = ['{"jsonrpc": "2.0", "id": 2, "method": "shutdown"}', '{"jsonrpc": "2.0", "method": "exit"}']
    said = "".join(map(message, [begin, *(end if says_exit else [])]))
    done = peerlint("lsp", cwd=project, stdin=said)
    assert (done.code, done.err) == (0, "")

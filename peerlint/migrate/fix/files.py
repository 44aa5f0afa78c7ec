"""Writing files so that an interruption leaves either the old or the new bytes, and never a stranger's file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from peerlint.errors import InputError


def write_pair(path: Path, content: bytes, expected: bytes, certificate: tuple[Path, bytes] | None, root: Path) -> None:
    """Write the certificate first and the file second, each atomically; `expected` is what the file must hold still.

    If the file cannot be replaced, the certificate is put back as it was. A kill between the two leaves a certificate
    whose hashes do not fit its file, which `prove --check` reports as stale.

    Raises InputError where the file has changed meanwhile, lies outside `root`, or cannot be written.
    """
    shown = _shown(path, root)
    _refuse_outside(path, root, shown)
    _refuse_changed(path, expected, shown)
    before: bytes | None = None
    if certificate is not None:
        _refuse_outside(certificate[0], root, _shown(certificate[0], root))
        with contextlib.suppress(FileNotFoundError):
            before = certificate[0].read_bytes()
        _replace(certificate[0], certificate[1], _shown(certificate[0], root))
    try:
        _refuse_changed(path, expected, shown)
        _replace(path, content, shown)
    except InputError:
        if certificate is not None:
            put_back(certificate[0], before)
        raise


def write_certificate(certificate: Path, content: bytes, root: Path) -> None:
    """Write a certificate beside a file that stays as it is, atomically. Raises InputError where that cannot be."""
    shown = _shown(certificate, root)
    _refuse_outside(certificate, root, shown)
    _replace(certificate, content, shown)


def obstacle(path: Path, root: Path) -> InputError | None:
    """Why a file could not be replaced, as far as that can be told before; None where nothing is in the way."""
    shown = _shown(path, root)
    try:
        _refuse_outside(path, root, shown)
    except InputError as error:
        return error
    if not os.access(path, os.W_OK):
        return InputError("is read-only; not written", todo="make it writable", path=shown)
    if not os.access(path.parent, os.W_OK):
        return InputError("its folder is read-only; not written", todo="make that writable", path=shown)
    return None


def keep_copy(path: Path, content: bytes, root: Path) -> Path:
    """Keep the old bytes of a file beside it, for files that git could not give back; the name of the copy.

    Raises InputError where the file may not be written or the copy cannot be.
    """
    shown = _shown(path, root)
    _refuse_outside(path, root, shown)
    taken = (path.with_name(f"{path.name}.orig{number or ''}") for number in range(1000))
    copy = next(free for free in taken if not free.exists())
    _replace(copy, content, _shown(copy, root))
    return copy


@contextlib.contextmanager
def room_for(path: Path, size: int, root: Path) -> Iterator[Callable[[], None]]:
    """Keeps so many bytes of the disk free beside a file, until that is over or what it gives is called.

    Raises InputError where there is no room.
    """
    handle, name = _temp_beside(path, _shown(path, root))
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(b"\0" * size)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        _unlink(name)
        raise InputError(f"cannot be written: {_reason(error)}; it is as it was", path=_shown(path, root)) from error
    try:
        yield lambda: _unlink(name)
    finally:
        _unlink(name)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that the user has named, atomically. Raises InputError where that cannot be."""
    if path.is_symlink():
        raise InputError("is a link; not written", path=path.as_posix())
    _replace(path, content, path.as_posix())


def _replace(path: Path, content: bytes, shown: str) -> None:
    """Replace a file through a temp file beside it, with its mode kept, flushed to disk before it takes the name."""
    try:
        mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
        if path.exists() and not os.access(path, os.W_OK):
            raise InputError("is read-only; nothing was written", todo="make it writable", path=shown)
    except OSError as error:
        raise InputError(f"cannot be written: {_reason(error)}", path=shown) from error
    handle, name = _temp_beside(path, shown)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        _unlink(name)
        raise InputError(f"cannot be written: {_reason(error)}; it is as it was", path=shown) from error
    except BaseException:
        _unlink(name)
        raise
    _sync_folder(path.parent)


def _temp_beside(path: Path, shown: str) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise InputError(f"cannot be written: {_reason(error)}", path=shown) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unlink(name: str) -> None:
    with contextlib.suppress(OSError):
        Path(name).unlink()


def put_back(path: Path, before: bytes | None) -> None:
    """Give a file the bytes that it had, or take it away where there was none; as far as that can be done."""
    with contextlib.suppress(OSError, InputError):
        if before is None:
            path.unlink()
        else:
            _replace(path, before, path.name)


def _sync_folder(folder: Path) -> None:
    """Make the rename durable; where the system cannot open folders (Windows) there is nothing to do."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refuse_outside(path: Path, root: Path, shown: str) -> None:
    """Follow no link: neither the file nor a folder on its way may lead out of the project."""
    if path.is_symlink():
        target = path.resolve()
        if not target.is_relative_to(root.resolve()):
            raise InputError("is a link out of the project; not written", todo="fix the file it leads to", path=shown)
        raise InputError("is a link; not written", todo=f"fix {_shown(target, root)} instead", path=shown)
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise InputError("lies outside the project; not written", path=shown)


def _refuse_changed(path: Path, expected: bytes, shown: str) -> None:
    try:
        now = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read again: {_reason(error)}; not written", path=shown) from error
    if now != expected:
        raise InputError("has changed while it was being fixed; not written", todo="run --fix again", path=shown)


def _shown(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()

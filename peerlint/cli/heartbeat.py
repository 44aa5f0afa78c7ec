"""A line now and then while a proof goes on: some take minutes, and whoever waits should see that they do."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import click

from peerlint.prove.lab import Lab

#: How long nothing is said.
SECONDS = 15.0


@contextlib.contextmanager
def heartbeat(lab: Lab) -> Iterator[None]:
    """Says every SECONDS on standard error how many scenarios have been run since it began."""
    over, before = threading.Event(), lab.turns.runs

    def beat() -> None:
        while not over.wait(SECONDS):
            click.echo(f"peerlint: still proving, {lab.turns.runs - before} scenarios so far", err=True)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

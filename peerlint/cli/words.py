"""Options that take several words, each with a comma or an option of its own."""

from __future__ import annotations

import click

from peerlint.errors import InputError

#: What `--accept-repair` is, for check and for prove.
ACCEPT_HELP = "Count these differences as proved, too; docs/repairs.md says what each means."


def words(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The words of all the times that an option was given."""
    return tuple(word.strip() for item in value for word in item.split(",") if word.strip())


def repairs(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The same for names of repairs. Raises InputError for one that there is not."""
    names = words(ctx, parameter, value)
    if names:
        from peerlint.lint.rules import nearest_name
        from peerlint.prove.repairs import REPAIRS

        known = sorted(repair.name for repair in REPAIRS)
        for name in names:
            if name not in known:
                nearest = nearest_name(name, known)
                todo = f'did you mean "{nearest}"?' if nearest else f"they are {', '.join(known)}"
                raise InputError(f'there is no repair "{name}"', todo=todo)
    return names

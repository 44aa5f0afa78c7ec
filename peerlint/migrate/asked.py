"""Which findings ask for a migration; it stands alone, so that a file without such findings loads no migration."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.lint.diagnostics import Applicability, Diagnostic, Fix

#: Rules whose findings go away when the shell of their step becomes logic.
MIGRATED_AWAY = frozenset(
    {
        *("PL101", "PL102", "PL106", "PL107"),
        *("PL201", "PL202", "PL203"),
        *("PL301", "PL302", "PL303", "PL304", "PL306", "PL307", "PL308"),
        "PL704",
    }
)


def steps_found(findings: Iterable[Diagnostic]) -> frozenset[str]:
    """The steps with a finding that a migration takes away. Nobody asked to change the others.

    Logic with shell tests that have words of their own is mended without a migration: nothing has to be proved there.
    What its rule knows to be a person's to mend no migration takes away.
    """
    return frozenset(
        finding.step
        for finding in findings
        if finding.code in MIGRATED_AWAY
        and finding.step
        and not (finding.code == "PL107" and is_safe(finding.fix))
        and not (finding.fix is not None and finding.fix.applicability is Applicability.MANUAL)
    )


def is_safe(fix: Fix | None) -> bool:
    """Whether there is a fix that needs neither proof nor leave."""
    return fix is not None and fix.applicability is Applicability.SAFE

"""The one instant at which everything happens while something is proved, so that two runs give the same text."""

#: In seconds since 1970, and as the `nats` tool prints it; UTC.
SECONDS = 1767323045
INSTANT = "2026-01-02 03:04:05"

"""YAML of strangers: read without running anything, and without a word of the library's own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ruamel.yaml import YAML


def safe_yaml() -> YAML:
    """A reader for one text; the library is loaded where the first one is made."""
    from ruamel.yaml import YAML

    reader = YAML(typ="safe", pure=True)
    # Two anchors of one name are no error, and the library would write a warning to standard error.
    reader.composer.warn_double_anchors = False
    return reader

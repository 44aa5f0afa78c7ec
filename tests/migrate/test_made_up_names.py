"""Names that the translation makes up say what they hold."""

import pytest

from peerlint.process.logic import render_logic
from tests.migrate.test_lower import lower


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ('kubectl --context b get pods | jq -e ".items" > /dev/null || exit 1\n', "AS KUBECTL_OUTPUT"),
        ('echo "${2:-none}"\n', "SET: ARGUMENT_2_OR_DEFAULT = ARGUMENT_2"),
    ],
)
def test_a_name_says_what_it_holds(call: str, line: str) -> None:
    result = lower(call)["1"]
    assert result.leftover is None, result.leftover
    assert line in render_logic(result.statements)

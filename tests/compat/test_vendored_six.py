"""Stripe's own six, on every Python we support."""

import subprocess
import sys

import pytest

from saleor_o2o.cli.environment import child_environment

# Python 3.12 no longer calls find_module: import hooks that know nothing else are turned away.
AS_ON_312 = """
import sys
class Finders(list):
    def append(self, finder):
        if hasattr(finder, "find_spec"):
            super().append(finder)
sys.meta_path = Finders(sys.meta_path)
"""
USE = "from stripe.util import parse_qsl; print(parse_qsl('a=1'))"


@pytest.mark.parametrize(
    ("prepare", "printed", "error"),
    [
        ("from saleor_o2o.compat import prepare_settings; prepare_settings()", "[('a', '1')]\n", ""),
        ("", "", "No module named 'stripe.six.moves"),
    ],
    ids=["adapted", "stock"],
)
def test_stripe_imports_without_its_import_hook(prepare: str, printed: str, error: str) -> None:
    # when
    result = subprocess.run(
        [sys.executable, "-P", "-c", "\n".join([AS_ON_312, prepare, USE])],
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    # then
    assert result.stdout == printed
    assert error in result.stderr

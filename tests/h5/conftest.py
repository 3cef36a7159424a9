"""One platform for all modules that look at the pages in a browser: it takes a minute to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from saleor_o2o.cli.h5 import build
from saleor_o2o.cli.platform import Platform, temporary_platform


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """A seeded platform with its sandbox and worker; each module brings people of its own."""
    build()
    # these tests have read settings that leave marks in the environment; the platform's processes read their own
    hosts = {"ALLOWED_CLIENT_HOSTS": "127.0.0.1,localhost"}
    with temporary_platform("test", extra=hosts) as started:
        yield started

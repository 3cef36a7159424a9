"""A sandbox that sends the messages, and ways to ask the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from pytest_socket import enable_socket

from plugins.org_hierarchy.interfaces import OrgUnit
from sandbox.client import SandboxClient
from sandbox.process import running
from tests.orgs import small_org


@pytest.fixture(scope="session")
def sandbox_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="session")
def sandbox_address(sandbox_folder: Path) -> Iterator[str]:
    enable_socket()
    with running(sandbox_folder, clock_ratio=600) as url:
        yield url


@pytest.fixture
def sms(sandbox_address: str, sandbox_folder: Path, settings: Any) -> Iterator[SandboxClient]:
    """The gateway, empty and without faults; the platform sends there."""
    settings.SANDBOX_URL, settings.SANDBOX_DIR = sandbox_address, sandbox_folder
    cache.clear()
    with SandboxClient(sandbox_address) as client:
        client.reset()
        yield client
        client.clear_faults()


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()

"""The small organisation, an account of the sandbox's, and the platform served so that the sandbox can push to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from pytest_socket import enable_socket
from saleor.account.models import User

from plugins.official_account.models import Account
from plugins.official_account.seeds import accounts_from_sandbox
from plugins.org_hierarchy.models import OrgUnit
from sandbox.client import SandboxClient
from sandbox.process import running
from tests.orgs import person, small_org

from .line import Line

EVERYTHING = (
    "official_account.view", "official_account.manage", "official_account.content", "official_account.publish",
    "wechat_code.view", "wechat_code.make", "wechat_fan.view", "wechat_fan.edit",
    "official_account.export", "wechat_talk.view", "wechat_talk.answer", "channel.view",
)  # fmt: skip


@pytest.fixture(scope="session")
def sandbox_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox-official-account")


@pytest.fixture(scope="session")
def sandbox_address(sandbox_folder: Path) -> Iterator[str]:
    enable_socket()
    with running(sandbox_folder) as url:
        yield url


@pytest.fixture
def control(sandbox_address: str, sandbox_folder: Path, settings: Any) -> Iterator[SandboxClient]:
    settings.SANDBOX_URL, settings.SANDBOX_DIR = sandbox_address, sandbox_folder
    cache.clear()
    with SandboxClient(sandbox_address) as client:
        client.reset()
        client.set_clock(offset_seconds=0)
        yield client
        client.clear_faults()
    cache.clear()


@pytest.fixture
def org(db: None) -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def account(
    org: dict[str, OrgUnit], control: SandboxClient, sandbox_folder: Path, sandbox_address: str
) -> Account:
    """The city's account, as the sandbox knows it."""
    return accounts_from_sandbox(sandbox_folder / "official_account", sandbox_address)[0]


@pytest.fixture
def editor(org: dict[str, OrgUnit]) -> User:
    """Who runs the accounts at the city."""
    return person(org["CQ"], "editor", EVERYTHING)


@pytest.fixture
def abroad(org: dict[str, OrgUnit]) -> User:
    """The same at one county: the city's account is not his."""
    return person(org["C12"], "abroad", EVERYTHING)


@pytest.fixture
def line(account: Account, control: SandboxClient) -> Iterator[Line]:
    """The sandbox's console knows our address: it has greeted it."""
    opened = Line(control)
    opened.warm()
    opened.connect("/hooks/official_account/chongqing", account="chongqing")
    del opened.heard[:-1]  # the greeting that was heard in time
    yield opened
    opened.close()

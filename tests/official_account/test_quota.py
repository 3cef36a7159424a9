"""The day's quota of template messages, with threads: exactly so many calls. Commits are real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from plugins.official_account.models import Account, Fan, MessageTemplate, Sending, openid_index
from plugins.official_account.seeds import TEMPLATES, accounts_from_sandbox
from plugins.official_account.services import sending
from saleor_o2o.kernel.clock import midnight, now, today
from sandbox.client import SandboxClient
from tests.orgs import small_org
from tests.threads import meeting, together
from tests.wiping import wipe

CHEN = "oSandboxPersonChenYujiang001"
MESSAGES, QUOTA = 6, 3


@pytest.fixture
def waiting(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, control: SandboxClient, sandbox_folder: Path,
    sandbox_address: str,
) -> Iterator[list[int]]:  # fmt: skip
    """Six messages, of which the day allows three."""
    with django_db_blocker.unblock():
        wipe()
        small_org()
        account = accounts_from_sandbox(sandbox_folder / "official_account", sandbox_address)[0]
        Account.objects.filter(pk=account.pk).update(daily_quota=QUOTA)
        fan = Fan.objects.create(account=account, openid=CHEN, openid_index=openid_index(CHEN))
        template_id, words = TEMPLATES["paid"]
        template = MessageTemplate.objects.create(
            account=account, occasion="paid", template_id=template_id, fields=words
        )
        yield [
            Sending.objects.create(
                account=account, fan=fan, template=template, key=f"paid:{number}", values={}, next_at=now()
            ).pk
            for number in range(MESSAGES)
        ]
        wipe()


def tried(control: SandboxClient) -> int:
    return len(control.call("GET", "/official_account/calls", operation="template_send")["calls"])


def test_the_day_allows_so_many(waiting: list[int], control: SandboxClient) -> None:
    # when
    found = together(*[lambda pk=pk: sending.drive(pk) for pk in waiting])

    # then: three calls, whatever WeChat said to them (nobody follows); the others wait
    assert found == [None] * MESSAGES
    assert tried(control) == QUOTA
    tomorrow = midnight(today() + timedelta(days=1))
    assert Sending.objects.filter(state="waiting", next_at=tomorrow).count() == MESSAGES - QUOTA
    assert Account.objects.get(code="chongqing").quota_used == QUOTA


def test_without_the_lock_too_many_go_out(
    waiting: list[int], control: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control
    meet = meeting(MESSAGES)

    def unlocked(rows: Any, **_: Any) -> list[Any]:
        found = list(rows)
        if isinstance(found[0], Account):
            meet()
        return found

    monkeypatch.setattr(sending, "lock_rows", unlocked)

    # when
    together(*[lambda pk=pk: sending.drive(pk) for pk in waiting])

    # then
    assert tried(control) > QUOTA

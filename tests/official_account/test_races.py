"""The same push many times at once: kept once, answered alike, counted once. Commits are real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from plugins.official_account.models import Account, Fan, Push, Reply, SceneCode, SceneState
from plugins.official_account.seeds import accounts_from_sandbox
from plugins.official_account.services import following, receiving
from plugins.org_hierarchy.models import OrgUnit
from sandbox.official_account.sealing import seal, signature
from tests.orgs import small_org
from tests.threads import meeting, together
from tests.wiping import wipe

THREADS = 8
HOOK = "/hooks/official_account/chongqing"


@pytest.fixture
def account(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, sandbox_folder: Path, sandbox_address: str
) -> Iterator[Account]:
    with django_db_blocker.unblock():
        wipe()
        small_org()
        made = accounts_from_sandbox(sandbox_folder / "official_account", sandbox_address)[0]
        Reply.objects.create(account=made, trigger="subscribe", text="欢迎")
        SceneCode.objects.create(
            account=made,
            unit=OrgUnit.objects.get(code="O1111"),
            name="柜台",
            scene="s1",
            state=SceneState.ACTIVE,
        )
        yield made
        wipe()


def follow(account: Account, openid: str = "oPerson", sent: int = 0) -> Any:
    """Somebody follows by a code, as WeChat tells it."""
    stamp = str(int(time.time()))
    inner = (
        f"<xml><ToUserName>{account.original_id}</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{sent or stamp}</CreateTime><MsgType>event</MsgType><Event>subscribe</Event>"
        "<EventKey>qrscene_s1</EventKey></xml>"
    )
    told = seal(account.aes_key, inner, account.appid)
    asked = {
        "timestamp": stamp, "nonce": "n", "signature": signature(account.token, stamp, "n"), "encrypt_type": "aes",
        "msg_signature": signature(account.token, stamp, "n", told),
    }  # fmt: skip
    body = f"<xml><Encrypt>{told}</Encrypt></xml>"
    return Client().post(f"{HOOK}?{urlencode(asked)}", body, content_type="text/xml")


def test_the_same_push_at_the_same_moment(account: Account) -> None:
    # when
    sent = int(time.time())
    answers = together(*[lambda: follow(account, sent=sent)] * THREADS)

    # then
    assert [answer.status_code for answer in answers] == [200] * THREADS
    assert all(b"<Encrypt>" in answer.content for answer in answers)
    [push], [fan], [code] = Push.objects.all(), Fan.objects.all(), SceneCode.objects.all()
    assert (push.times_seen, push.state) == (THREADS, "done")
    assert (fan.is_following, fan.first_code, code.scans, code.follows) == (True, code, 1, 1)
    assert Reply.objects.get().hits == 1


def test_many_newcomers_by_one_code(account: Account) -> None:
    # when
    together(*[lambda number=number: follow(account, f"oPerson{number}") for number in range(THREADS)])

    # then
    code = SceneCode.objects.get()
    assert (Fan.objects.count(), code.scans, code.follows) == (THREADS, THREADS, THREADS)
    assert set(Push.objects.values_list("state", flat=True)) == {"done"}


def test_two_tasks_for_one_push(account: Account) -> None:
    # given: the task and the sweep at once
    follow(account)
    Push.objects.update(state="received")
    SceneCode.objects.update(scans=0, follows=0)
    Fan.objects.all().delete()
    pk = Push.objects.get().pk

    # when
    together(*[lambda: receiving.process(pk)] * THREADS)

    # then
    code = SceneCode.objects.get()
    assert (code.scans, code.follows, Push.objects.get().attempts) == (1, 1, 0)


def test_without_the_lock_it_counts_twice(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the negative control: nobody waits for the push's row
    follow(account)
    Push.objects.update(state="received")
    SceneCode.objects.update(scans=0, follows=0)
    pk = Push.objects.get().pk
    monkeypatch.setattr(receiving, "lock_rows", lambda rows: list(rows))
    whole, meet = following.apply, meeting(2)

    def after_both_looked(*told: Any) -> Fan:
        meet()
        return whole(*told)

    monkeypatch.setattr(following, "apply", after_both_looked)

    # when
    together(*[lambda: receiving.process(pk)] * 2)

    # then
    assert SceneCode.objects.get().scans == 2

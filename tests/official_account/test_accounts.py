"""Accounts: written within reach, secrets never shown nor kept in the clear, changed at noon."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from saleor.account.models import User

from plugins.official_account.client import call
from plugins.official_account.errors import Code, OfficialAccountError
from plugins.official_account.models import Account
from plugins.official_account.services import accounts
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed
from sandbox.client import SandboxClient

pytestmark = pytest.mark.django_db

SECRET = "0123456789abcdef" * 2
VALUES = {
    "code": "area1", "name": "渝中邮政", "type": "service", "appid": "wx0123456789abcdef", "original_id": "",
    "base_url": "https://api.weixin.qq.com", "push_mode": "aes", "secret": SECRET,
}  # fmt: skip


def test_token_and_key_are_made_where_none_are_given(org: dict[str, OrgUnit], editor: User) -> None:
    # when
    made = accounts.add_account(editor, org["A1"], VALUES)

    # then
    assert (len(made.token), len(made.aes_key), made.unit) == (32, 43, org["A1"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM o2o_official_account_account a")
        row = cursor.fetchone()[0]
    assert [secret for secret in (SECRET, made.token, made.aes_key) if secret in row] == []
    told = str(list(AuditEntry.objects.values_list("after", flat=True)))
    assert [secret for secret in (SECRET, made.token, made.aes_key) if secret in told] == []


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("code", "Area 1", "code"),
        ("name", " ", "name"),
        ("type", "blog", "type"),
        ("appid", "wx12", "appid"),
        ("original_id", "someone", "original_id"),
        ("secret", "short", "secret"),
        ("token", "a b", "token"),
        ("aes_key", "x" * 42, "aes_key"),
        ("aes_key", "!" * 43, "aes_key"),
        ("push_mode", "loud", "push_mode"),
        ("base_url", "ftp://example.com", "base_url"),
    ],
)
def test_wrong_values_are_named(
    org: dict[str, OrgUnit], editor: User, field: str, value: str, named: str
) -> None:
    # when
    with pytest.raises(OfficialAccountError) as refusal:
        accounts.add_account(editor, org["A1"], {**VALUES, field: value})

    # then
    assert (refusal.value.code, refusal.value.field) == (Code.INVALID, named)
    assert Account.objects.count() == 0


def test_other_addresses_only_where_the_sandbox_is_allowed(
    org: dict[str, OrgUnit], editor: User, settings: Any
) -> None:
    # given
    settings.O2O_SANDBOX_ALLOWED = False

    # then
    with pytest.raises(OfficialAccountError, match="只能使用微信官方接口地址"):
        accounts.add_account(
            editor, org["A1"], {**VALUES, "base_url": "http://127.0.0.1:8100/official_account"}
        )
    accounts.add_account(editor, org["A1"], VALUES)


@pytest.mark.parametrize("same", ["code", "appid"])
def test_an_account_is_written_once(org: dict[str, OrgUnit], editor: User, same: str) -> None:
    # given
    accounts.add_account(editor, org["A1"], VALUES)
    other = {**VALUES, "code": "area2", "appid": "wxffffffffffffffff", same: VALUES[same]}

    # when
    with pytest.raises(OfficialAccountError) as refusal:
        accounts.add_account(editor, org["A2"], other)

    # then
    assert refusal.value.code == Code.ACCOUNT_TAKEN
    assert Account.objects.count() == 1


def test_a_new_secret_counts_at_once(account: Account, editor: User, control: SandboxClient) -> None:
    # given: a token that was got with the old one
    call(account, lambda api: api.get("getcallbackip"))
    key = f"o2o-official-account-{account.pk}-token"
    assert cache.get(key)

    # when
    accounts.change_secrets(editor, account.pk, {"secret": "f" * 32, "token": "", "aes_key": ""})

    # then
    changed = Account.objects.get(pk=account.pk)
    assert (changed.secret, changed.token, changed.aes_key) == ("f" * 32, account.token, account.aes_key)
    line = AuditEntry.objects.get(action="official_account.secret_changed")
    assert line.after == {"changed": ["secret"]}
    with pytest.raises(OfficialAccountError, match="没有填写"):
        accounts.change_secrets(editor, account.pk, {})


def test_the_kept_token_is_forgotten_with_the_secret(
    account: Account, editor: User, control: SandboxClient, django_capture_on_commit_callbacks: Any
) -> None:
    # given
    call(account, lambda api: api.get("getcallbackip"))

    # when
    with django_capture_on_commit_callbacks(execute=True):
        accounts.change_secrets(editor, account.pk, {"secret": "f" * 32})

    # then
    assert cache.get(f"o2o-official-account-{account.pk}-token") is None


def test_only_whoever_manages_the_unit(
    org: dict[str, OrgUnit], account: Account, editor: User, abroad: User
) -> None:
    # given
    before = Account.objects.filter(pk=account.pk).values().get()
    values = {name: before[name] for name in accounts.FIELDS}

    # then
    for act in (
        lambda: accounts.add_account(abroad, org["A1"], VALUES),
        lambda: accounts.edit_account(abroad, account.pk, org["C12"], values),
        lambda: accounts.change_secrets(abroad, account.pk, {"secret": "f" * 32}),
        lambda: accounts.retire_account(abroad, account.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert Account.objects.filter(pk=account.pk).values().get() == before
    # of his own county he may
    made = accounts.add_account(abroad, org["C12"], VALUES)
    with pytest.raises(NotAllowed):  # but not hand it to others
        accounts.edit_account(abroad, made.pk, org["C11"], {**VALUES})
    accounts.retire_account(editor, account.pk)
    accounts.revive_account(editor, account.pk)

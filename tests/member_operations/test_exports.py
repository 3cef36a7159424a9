"""Lists of members: approved by one, unmasked by two, taken once by whoever asked, within hours, masked and marked."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from saleor.account.models import User

from plugins.approvals.interfaces import ApprovalError, approve, open_request, reject
from plugins.member_operations.errors import OperationsError
from plugins.member_operations.models import MemberExport
from plugins.member_operations.services.exports import ask_export, expire_due, take_export
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import again, person

from .conftest import MANAGER, Make

ASKER = [*MANAGER, "member.export", "member_export.view"]
WHY = "寄送周年贺卡，用后删除"


@pytest.fixture
def asker(org: dict[str, OrgUnit]) -> User:
    return person(org["B111"], "asker", ASKER)


@pytest.fixture
def deciders(org: dict[str, OrgUnit]) -> tuple[User, User]:
    """Of the county and of the city."""
    held = ["member_export.view", "member_export.approve", "approval.view"]
    return person(org["C11"], "county", held), person(org["CQ"], "city", held)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_member_operations_memberexport_{name}", args=args)


def sheet(response: Any) -> list[list[Any]]:
    """The rows of a workbook."""
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_masked_after_one_and_taken_once(
    org: dict[str, OrgUnit], asker: User, deciders: tuple[User, User], make: Make
) -> None:
    # given one member in reach, one out of it
    member, _other = make(name="欧阳娜娜"), make("B121")
    client = browser(asker)
    refused = client.post(page("new"), {"reason": "要"}).content.decode()
    client.post(page("new"), {"reason": WHY})
    row = MemberExport.objects.get()
    early = client.post(page("take", row.pk), follow=True).content.decode()
    request = open_request(row)
    assert request is not None
    with pytest.raises(ApprovalError):
        approve(request, asker)

    # when
    approve(request, deciders[0])
    stranger = browser(person(org["B111"], "colleague", ASKER)).post(page("take", row.pk))
    taken = client.post(page("take", row.pk))
    twice = client.post(page("take", row.pk), follow=True).content.decode()

    # then
    assert "不少于 4 字" in refused and "不能下载" in early and stranger.status_code == 404
    mark, heads, *rows = sheet(taken)
    assert "asker@example.com" in mark[0] and row.number in mark[0] and "审计号" in mark[0]
    assert (heads[0], len(rows), rows[0][0]) == ("会员号", 1, member.number)
    text = str(rows)
    assert "欧阳娜娜" not in text and member.identities.get().value not in text and "欧" in text
    assert "已经下载过" in twice
    assert MemberExport.objects.get().state == "taken"
    actions = ["member_operations.export_asked", "backoffice.export.made", "member_operations.export_taken"]
    assert AuditEntry.objects.filter(action__in=actions).count() == 3


def test_unmasked_takes_two(
    org: dict[str, OrgUnit], asker: User, deciders: tuple[User, User], make: Make
) -> None:
    # given
    member = make(name="欧阳娜娜")
    with pytest.raises(NotAllowed):
        ask_export(asker, WHY, whole=True)
    trusted = person(org["B111"], "trusted", [*ASKER, "member.unmask"])
    row = ask_export(trusted, WHY, whole=True)
    request = open_request(row)
    assert request is not None

    # when
    approve(request, deciders[0])
    with pytest.raises(OperationsError, match="不能下载"):
        take_export(trusted, row)
    request = open_request(row)
    assert request is not None
    with pytest.raises(ApprovalError):
        approve(request, deciders[0])
    approve(request, deciders[1])
    rows = sheet(browser(trusted).post(page("take", row.pk)))

    # then
    assert rows[2][1:3] == ["欧阳娜娜", member.identities.get().value]


def test_too_late_rejected_out_of_reach(
    org: dict[str, OrgUnit], asker: User, deciders: tuple[User, User], make: Make
) -> None:
    # given
    with pytest.raises(OperationsError, match="没有可以导出的会员"):
        ask_export(asker, WHY)
    make()
    late, no = ask_export(asker, WHY), ask_export(asker, WHY)
    for row, decide in ((late, approve), (no, lambda request, user: reject(request, user, "用途不清楚"))):
        request = open_request(row)
        assert request is not None
        decide(request, deciders[0])

    # when / then
    with frozen(now() + timedelta(hours=25)):
        with pytest.raises(OperationsError, match="过了时限"):
            take_export(asker, late)
        assert (expire_due(), expire_due()) == (1, 0)
    with pytest.raises(OperationsError):
        take_export(asker, no)
    with pytest.raises(OutOfScope):
        take_export(again(person(org["B121"], "beside", ASKER)), late)
    assert sorted(MemberExport.objects.values_list("state", flat=True)) == ["expired", "refused"]

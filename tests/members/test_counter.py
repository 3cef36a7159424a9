"""The counter, the telephone, a file: who is registered where, and who sees it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from plugins.members.kinds import Source
from plugins.members.models import Member, MemberIdentity, MemberImport, MemberVisit
from plugins.members.services.importing import MOST, confirm, plan, upload
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import rows_for
from sandbox.client import SandboxClient
from tests.orgs import again, person

from .asking import ERRORS, MOBILE, OTHER, TOKEN, ask, codes_of, enter, read_code, somebody

pytestmark = pytest.mark.django_db

STAFF = "member { number name mobile homeUnitCode source }"
CODE = f"mutation($mobile: String!) {{ memberCounterCode(mobile: $mobile) {{ againAfter {ERRORS} }} }}"
REGISTER = f"""mutation($mobile: String!, $code: String!, $name: String, $agreed: Boolean) {{
  memberCounterRegister(mobile: $mobile, code: $code, name: $name, agreed: $agreed) {{ created {STAFF} {ERRORS} }} }}"""
PHONE = f"""mutation($mobile: String!, $name: String, $recording: String!) {{
  memberPhoneRegister(mobile: $mobile, name: $name, recording: $recording) {{ created {STAFF} {ERRORS} }} }}"""
FIND = "query($text: String!) { members(search: $text) { number name mobile } }"
RIGHTS = ["member.view", "member.create"]


def token_of(user: Any) -> str:
    found: str = ask(TOKEN, {"email": user.email, "password": "pass-word"})["token"]
    return found


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_walk_in_becomes_a_member_of_the_clerk_s_unit(org: dict[str, OrgUnit], sms: SandboxClient) -> None:
    # given
    clerk = person(org["O1111"], "clerk", RIGHTS)
    token = token_of(clerk)

    # when: the code is read out; the box forgotten, then ticked
    assert ask(CODE, {"mobile": MOBILE}, token)["errors"] == []
    told = {"mobile": MOBILE, "code": read_code(sms), "name": "王建国"}
    forgot = ask(REGISTER, told, token)
    made = ask(REGISTER, {**told, "agreed": True}, token)

    # then
    assert codes_of(forgot) == ["AGREEMENT_REQUIRED"]
    member = Member.objects.get()
    assert made == {
        "created": True, "errors": [],
        "member": {
            "number": member.number, "name": "王**", "mobile": "139****1111", "homeUnitCode": "O1111",
            "source": "COUNTER",
        },
    }  # fmt: skip
    assert (member.registered_by, member.registered_unit) == (clerk, org["O1111"])
    assert member.identities.get().verified_at is not None
    assert codes_of(ask(REGISTER, {**told, "agreed": True}, token)) == ["CODE_WRONG"]
    assert enter(sms)["member"]["number"] == member.number


def test_a_code_for_the_counter_is_no_login(org: dict[str, OrgUnit], sms: SandboxClient) -> None:
    # given
    somebody()
    token = token_of(person(org["O1111"], "clerk", RIGHTS))
    ask(CODE, {"mobile": MOBILE}, token)
    from .asking import SIGN_IN

    # then
    assert codes_of(ask(SIGN_IN, {"mobile": MOBILE, "code": read_code(sms)})) == ["CODE_WRONG"]


def test_a_member_of_another_unit_is_seen_after_being_served(
    org: dict[str, OrgUnit], sms: SandboxClient
) -> None:
    # given
    member = somebody(name="李梅", home_unit=org["B121"])
    clerk = person(org["O1111"], "clerk", RIGHTS)
    token = token_of(clerk)
    assert ask(FIND, {"text": MOBILE}, token) == []

    # when
    ask(CODE, {"mobile": MOBILE}, token)
    answer = ask(REGISTER, {"mobile": MOBILE, "code": read_code(sms)}, token)

    # then: still the other unit's
    assert (answer["created"], answer["errors"]) == (False, [])
    assert answer["member"]["homeUnitCode"] == "B121"
    for text in (MOBILE, member.number, member.number.lower(), "139 0000 1111"):
        assert ask(FIND, {"text": text}, token) == [
            {"number": member.number, "name": "李*", "mobile": "139****1111"}
        ], text
    assert ask(FIND, {"text": "1390000"}, token) == ask(FIND, {"text": "李"}, token) == []
    assert MemberVisit.objects.get().unit == org["O1111"]
    assert set(rows_for(person(org["B112"], "next", ["member.view"]), Member)) == set()


@pytest.mark.parametrize("who", ["anonymous", "shopper", "viewer", "elsewhere"])
def test_who_may_not_register(org: dict[str, OrgUnit], sms: SandboxClient, who: str) -> None:
    # given
    from plugins.members.interfaces import sign_in

    token = {
        "anonymous": lambda: "",
        "shopper": lambda: sign_in(somebody(OTHER)).token,
        "viewer": lambda: token_of(person(org["B111"], "viewer", ["member.view"])),
        "elsewhere": lambda: token_of(person(org["B111"], "elsewhere", ["order.view"])),
    }[who]()
    before = Member.objects.count()

    # then
    assert codes_of(ask(CODE, {"mobile": MOBILE}, token)) == ["PERMISSION_DENIED"]
    assert codes_of(ask(REGISTER, {"mobile": MOBILE, "code": "123456"}, token)) == ["PERMISSION_DENIED"]
    assert codes_of(ask(PHONE, {"mobile": MOBILE, "recording": "录音 0001"}, token)) == ["PERMISSION_DENIED"]
    assert Member.objects.count() == before and sms.texts(MOBILE) == []


def test_a_caller_is_registered_with_a_recorded_consent(org: dict[str, OrgUnit], sms: SandboxClient) -> None:
    # given
    agent = person(org["CQ"], "agent", RIGHTS, scope="all")
    token = token_of(agent)

    # when
    silent = ask(PHONE, {"mobile": MOBILE, "recording": " "}, token)
    made = ask(PHONE, {"mobile": MOBILE, "name": "赵六", "recording": "录音 20261128-0001"}, token)
    again_ = ask(PHONE, {"mobile": MOBILE, "recording": "录音 20261128-0002"}, token)

    # then: the first login by a code proves the number
    assert codes_of(silent) == ["REQUIRED"]
    assert (made["created"], made["member"]["homeUnitCode"], made["member"]["source"]) == (
        True,
        None,
        "PHONE",
    )
    assert (again_["created"], again_["member"]["number"]) == (False, made["member"]["number"])
    assert MemberIdentity.objects.get().verified_at is None
    assert (
        AuditEntry.objects.get(action="members.consented_by_phone").after["recording"] == "录音 20261128-0001"
    )


def test_somebody_else_s_member_is_not_shown_to_an_agent(org: dict[str, OrgUnit], sms: SandboxClient) -> None:
    # given
    somebody(home_unit=org["B121"])
    token = token_of(person(org["C11"], "agent", RIGHTS))

    # then
    answer = ask(PHONE, {"mobile": MOBILE, "recording": "录音 0001"}, token)
    assert codes_of(answer) == ["IDENTITY_TAKEN"] and answer["member"] is None


def test_the_counter_s_page(org: dict[str, OrgUnit], sms: SandboxClient) -> None:
    # given
    client = browser(person(org["O1111"], "clerk", RIGHTS))
    address = reverse("admin:o2o_members_member_counter")

    # when: a wrong number keeps what was typed
    wrong = client.post(address, {"send": "1", "mobile": "139", "name": "王建国"}).content.decode()
    sent = client.post(address, {"send": "1", "mobile": MOBILE, "name": "王建国"}).content.decode()
    bad = client.post(address, {"do": "1", "mobile": MOBILE, "name": "王建国", "code": "1", "agreed": "on"})
    done = client.post(
        address, {"do": "1", "mobile": MOBILE, "name": "王建国", "code": read_code(sms), "agreed": "on"}
    )

    # then
    assert "手机号不正确" in wrong and 'value="王建国"' in wrong
    assert "验证码已发到顾客手机" in sent and f'value="{MOBILE}"' in sent
    assert bad.status_code == 200 and "验证码不正确或已过期" in bad.content.decode()
    assert done.status_code == 302
    member = Member.objects.get()
    assert done.url == reverse("admin:o2o_members_member_change", args=[member.pk])
    assert member.number in client.get(done.url, follow=True).content.decode()
    assert browser(person(org["O1111"], "viewer", ["member.view"])).get(address).status_code == 403


def test_the_telephone_s_page(org: dict[str, OrgUnit]) -> None:
    # given
    client = browser(person(org["CQ"], "agent", RIGHTS, scope="all"))
    address = reverse("admin:o2o_members_member_phone")

    # then
    refused = client.post(address, {"do": "1", "mobile": MOBILE, "recording": "短"}).content.decode()
    assert "录音编号" in refused and Member.objects.count() == 0
    assert client.post(address, {"do": "1", "mobile": MOBILE, "recording": "录音 0001"}).status_code == 302
    assert Member.objects.get().source == Source.PHONE


# -- a file ----------------------------------------------------------------------------------


def sheet(
    *rows: tuple[Any, ...],
    heads: tuple[str, ...] = ("手机号*", "姓名", "会员卡号", "归属机构代码", "同意书编号*"),
) -> Any:
    book = Workbook()
    book.active.append(heads)
    for row in rows:
        book.active.append(row)
    file: Any = io.BytesIO()
    book.save(file)
    file.name, file.size = "会员.xlsx", file.tell()
    file.seek(0)
    return file


def test_every_row_is_told_what_is_wrong_with_it(org: dict[str, OrgUnit]) -> None:
    # given
    boss = person(org["B111"], "boss", ["member.view", "member.import"])
    member = somebody("13900000009")
    from plugins.members.interfaces import bind

    bind(member, "card", "620199999999")
    file = sheet(
        ("13900000001", "王一", "620100000001", "", "A001"),
        (13900000002, "王二", None, "O1111", "A002"),
        ("13900000003", "王三", None, "B121", "A003"),
        ("139", "王四", None, "", "A004"),
        ("13900000001", "王五", None, "", "A005"),
        ("13900000006", "王六", None, "", None),
        ("13900000007", "王七", "620199999999", "", "A007"),
        ("13900000009", "老会员", None, "", "A009"),
    )

    # when
    kept = upload(file, by=boss)
    lines = plan(kept, again(boss))

    # then
    assert [(line.number, line.action, [str(words) for _title, words in line.errors]) for line in lines] == [
        (2, "create", []),
        (3, "create", []),
        (4, "create", ["没有这个机构，或不在您的管辖范围"]),
        (5, "create", ["手机号不正确"]),
        (6, "create", ["与第 2 行重复"]),
        (7, "create", ["没有填"]),
        (8, "create", ["已是其他会员的"]),
        (9, "skip", []),
    ]
    assert lines[0].shown == ("139****0001", "王*", "62***0001", "甲县一支局")
    with pytest.raises(DomainError):
        confirm(kept, by=again(boss))
    assert Member.objects.count() == 1


def test_a_right_file_is_written_once(org: dict[str, OrgUnit], django_assert_max_num_queries: Any) -> None:
    # given
    boss = person(org["B111"], "boss", ["member.view", "member.import"])
    rows = [(f"139100{n:05d}", f"会员{n}", None, "O1111", f"A{n}") for n in range(60)]
    kept = upload(sheet(*rows), by=boss)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT rows FROM o2o_members_memberimport")
        assert "13910000001" not in cursor.fetchone()[0]

    # when
    done = confirm(kept, by=again(boss))

    # then
    assert (done.created_count, done.skipped_count, done.rows) == (60, 0, [])
    one = Member.objects.select_related("user").get(agreement="A7")
    assert (one.home_unit, one.registered_unit, one.registered_by) == (org["O1111"], org["B111"], boss)
    assert not one.user.has_usable_password() and one.identities.get().is_primary
    with pytest.raises(DomainError):
        confirm(kept, by=again(boss))
    assert Member.objects.count() == 60
    again_ = upload(sheet(*rows), by=boss)
    assert {line.action for line in plan(again_, again(boss))} == {"skip"}


def test_files_that_are_none(org: dict[str, OrgUnit]) -> None:
    # given
    boss = person(org["B111"], "boss", ["member.view", "member.import"])
    text: Any = io.BytesIO(b"13900000001,name")
    text.name, text.size = "a.xlsx", 16

    # then
    for file in (
        text,
        sheet(),
        sheet(("1",), heads=("电话",)),
        sheet(("139", "x"), heads=("手机号", "姓名")),
    ):
        with pytest.raises(DomainError) as refusal:
            upload(file, by=boss)
        assert str(refusal.value.code.value) == "FILE_INVALID"
    assert MOST == 2000 and MemberImport.objects.count() == 0


def test_the_pages_of_a_file(org: dict[str, OrgUnit]) -> None:
    # given
    client = browser(person(org["B111"], "boss", ["member.view", "member.import"]))
    other = browser(person(org["B111"], "other", ["member.view", "member.import"]))
    looks = browser(person(org["B111"], "looks", ["member.view"]))
    address = reverse("admin:o2o_members_member_import")

    # when
    response = client.post(address, {"file": sheet(("13900000001", "王一", None, "", "A001"))})
    preview = client.get(response.url).content.decode()

    # then
    assert response.status_code == 302
    assert "139****0001" in preview and "13900000001" not in preview and "确认导入" in preview
    assert [one.get(address).status_code for one in (client, other, looks)] == [200, 200, 403]
    assert [one.get(response.url).status_code for one in (other, looks)] == [404, 403]
    assert other.post(response.url, {"confirm": "1"}).status_code == 404
    assert client.get(reverse("admin:o2o_members_member_import_template")).status_code == 200
    assert client.post(response.url, {"confirm": "1"}).status_code == 302
    assert Member.objects.count() == 1

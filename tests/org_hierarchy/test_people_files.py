"""Files of people: hired, changed and appointed together or not at all; what is personal stays encrypted and masked."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from saleor.account.models import User

from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.exchange.people import COLUMNS, MAX_ROWS
from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.models import (
    GrantState,
    ImportState,
    OrgUnit,
    Post,
    Role,
    RoleGrant,
    Staff,
    StaffImport,
    StaffPost,
)
from plugins.org_hierarchy.services.people_files import (
    PersonLine,
    confirm_people,
    drop_people,
    keep_people,
    own_people_file,
    rehearse_people,
)
from plugins.org_hierarchy.services.posts import assign
from plugins.org_hierarchy.services.staffing import hire, leave
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..orgs import again, person, small_org
from .test_tree_pages import client_of

pytestmark = pytest.mark.django_db

STAFF = [f"staff.{one}" for one in ("view", "create", "edit", "leave", "import", "export")]
RIGHTS = [*STAFF, "org_unit.view", "role.view", "role.grant", "order.view", "order.create"]
ID_NUMBER = "11010519491231002X"  # the example of GB 11643


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def head(org: dict[str, OrgUnit]) -> User:
    """The head of county C11."""
    return person(org["C11"], "HEAD", RIGHTS)


@pytest.fixture(autouse=True)
def posts(org: dict[str, OrgUnit]) -> dict[str, Post]:
    return {
        "clerk": post("clerk", "营业员", "order.view"),
        "courier": post("courier", "投递员", "order.view"),
        "keeper": post("keeper", "网点负责人", "order.view", level=Level.OUTLET),
        "rich": post("rich", "支局长", "order.view", "order.refund"),
        "seller": post("seller", "营销员", "role.grant"),
    }


def post(code: str, name: str, *permissions: str, level: int = Level.BRANCH) -> Post:
    role = Role.objects.create(code=code, name=name, level=level, permissions=list(permissions))
    return Post.objects.create(code=code, name=name, level=level, role=role)


def new(serial: int, **cells: Any) -> dict[str, Any]:
    values = {
        "工号": f"N{serial}",
        "姓名": f"新人{serial}",
        "登录邮箱": f"n{serial}@example.com",
        "所属机构代码": "B111",
    }
    return {**values, **cells}


def book(*rows: dict[str, Any], titles: list[str] | None = None) -> io.BytesIO:
    names = titles or [str(column.title) for column in COLUMNS]
    made = Workbook()
    made.active.append(names)
    for row in rows:
        made.active.append([row.get(name) for name in names])
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    file.name = "人员.xlsx"
    return file


def upload(by: Any, *rows: dict[str, Any]) -> StaffImport:
    file = book(*rows)
    return keep_people(file, file.name, file.getbuffer().nbytes, by=by)


def look(by: Any, *rows: dict[str, Any]) -> list[PersonLine]:
    return rehearse_people(upload(by, *rows), by=again(by))


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Staff, StaffPost, RoleGrant, AuditEntry))


# -- the whole file ----------------------------------------------------------------------------------------------------


def test_a_file_is_hired_whole(
    org: dict[str, OrgUnit], head: User, posts: dict[str, Post], django_capture_on_commit_callbacks: Any
) -> None:
    # given: several posts, another unit's post, a number that Excel made a number, a day written our way, a change
    there = hire(
        None, org["B112"], employee_no="OLD", name="老张", email="old@example.com", mobile="13900000001"
    )
    made = upload(
        head,
        new(
            1,
            手机号=13800001234,
            身份证号=ID_NUMBER.lower(),
            入职日期="2026/7/1",
            岗位="营业员",
            兼任岗位="courier@b112；网点负责人@O1111",
        ),
        new(2, 岗位="网点负责人", 任职机构代码="O1112"),
        new(3),
        {"工号": "old", "姓名": "张老", "岗位": "投递员"},
        {"工号": "OLD2"} | new(4, 岗位="营销员"),
    )
    before = counts()

    # when: looked at
    with django_capture_on_commit_callbacks(execute=True):
        lines = rehearse_people(made, by=head)

    # then: nothing is there, nothing was sent
    assert [(line.action, line.errors) for line in lines] == [
        ("create", []), ("create", []), ("create", []), ("change", []), ("create", []),
    ]  # fmt: skip
    assert lines[0].posts == "营业员；courier@B112；网点负责人@O1111"
    assert lines[4].note == "1 个角色待第二人复核"
    assert counts() == before and mail.outbox == []

    # when
    with django_capture_on_commit_callbacks(execute=True):
        done = confirm_people(made, by=head)

    # then
    assert (done.state, done.created_count, done.changed_count, done.rows) == (ImportState.DONE, 4, 1, [])
    first = Staff.objects.get(employee_no="N1")
    assert (first.name, first.mobile, first.id_number) == ("新人1", "13800001234", ID_NUMBER)
    assert (first.unit, first.joined_on) == (org["B111"], date(2026, 7, 1))
    held = {(one.post.code, one.unit.code, one.is_primary) for one in first.posts.all()}
    assert held == {("clerk", "B111", True), ("courier", "B112", False), ("keeper", "O1111", False)}
    assert set(first.user.groups.values_list("o2o_role__code", flat=True)) == {"clerk", "courier", "keeper"}
    assert StaffPost.objects.get(staff__employee_no="N2").unit == org["O1112"]
    there = Staff.objects.get(pk=there.pk)
    assert (there.name, there.mobile) == ("张老", "13900000001")
    assert there.posts.get().post == posts["courier"]
    assert RoleGrant.objects.get(staff__employee_no="N4").state == GrantState.PENDING
    assert sorted(message.to[0] for message in mail.outbox) == [f"n{one}@example.com" for one in (1, 2, 3, 4)]
    line = AuditEntry.objects.get(action="org_hierarchy.staff.imported")
    assert line.after == {"filename": "人员.xlsx", "created": 4, "changed": 1}
    assert AuditEntry.objects.filter(action="org_hierarchy.staff.hired").count() == 5

    # then: once
    with pytest.raises(OrgError, match="已导入，不能再次导入"):
        confirm_people(made, by=head)


BAD: list[tuple[dict[str, Any], str, str]] = [
    (new(1, 工号=""), "工号", "请填写此项"),
    (new(1, 工号="坏 号"), "工号", "工号由字母"),
    (new(1, 姓名=""), "姓名", "请填写姓名"),
    (new(1, 登录邮箱=""), "登录邮箱", "请填写有效的登录邮箱"),
    (new(1, 登录邮箱="head@example.com"), "登录邮箱", "已是其他人员的登录账号"),
    (new(1, 工号="FAR"), "工号", "工号已被使用"),
    (new(1, 所属机构代码=""), "所属机构代码", "请填写此项"),
    (new(1, 所属机构代码="NOBODY"), "所属机构代码", "没有“NOBODY”这个机构"),
    (new(1, 所属机构代码="B211"), "所属机构代码", "没有“B211”这个机构，或不在您的管辖范围内"),
    (new(1, 手机号="12345"), "手机号", "手机号应为 11 位"),
    (new(1, 身份证号="110105194912310021"), "身份证号", "身份证号不正确。请对照证件核对"),
    (new(1, 身份证号=ID_NUMBER), "身份证号", "已有人员档案"),
    (new(1, 入职日期="下周一"), "入职日期", "应是日期"),
    (new(1, 入职日期="2026-02-30"), "入职日期", "应是日期"),
    (new(1, 岗位="局长"), "岗位", "“甲县一支局”没有“局长”这个岗位"),
    (new(1, 岗位="网点负责人"), "岗位", "“甲县一支局”没有“网点负责人”这个岗位"),
    (new(1, 岗位="营业员", 任职机构代码="B121"), "任职机构代码", "没有“B121”这个机构"),
    (new(1, 任职机构代码="B112"), "岗位", "请填写岗位"),
    (new(1, 岗位="支局长"), "岗位", "超出您自己的权限：您没有的权限：订单·退款；请由上级办理"),
    (new(1, 兼任岗位="营业员；支局长@B112"), "兼任岗位", "超出您自己的权限"),
    (new(1, 兼任岗位="营业员；营业员"), "岗位", "已在该机构任“营业员”"),
    (new(1, 姓名='=HYPERLINK("http://x")'), "姓名", "是公式"),
    ({"工号": "NEAR", "所属机构代码": "B111"}, "所属机构代码", "不能用导入调动"),
    ({"工号": "NEAR", "登录邮箱": "other@example.com"}, "登录邮箱", "登录邮箱不能用导入修改"),
    ({"工号": "NEAR", "手机号": "139"}, "手机号", "手机号应为 11 位"),
    ({"工号": "HEAD", "岗位": "营业员", "任职机构代码": "B111"}, "", "不能给自己授权或任职"),
]


@pytest.mark.parametrize(("row", "column", "words"), BAD)
def test_a_bad_row_is_told_and_nobody_is_hired(
    org: dict[str, OrgUnit], head: User, row: dict[str, Any], column: str, words: str
) -> None:
    # given
    hire(None, org["B211"], employee_no="FAR", name="远人", email="far@example.com", id_number=ID_NUMBER)
    hire(None, org["B112"], employee_no="NEAR", name="近人", email="near@example.com")
    made = upload(head, new(9, 岗位="营业员"), row)
    before = counts()

    # when
    good, bad = rehearse_people(made, by=again(head))

    # then
    assert good.errors == []
    assert any(title == column and words in text for title, text in bad.errors), bad.errors
    with pytest.raises(OrgError, match="有 1 行错误，没有导入任何一行"):
        confirm_people(made, by=again(head))
    assert counts() == before
    assert StaffImport.objects.get().state == ImportState.WAITING


def test_rows_that_disagree_with_each_other(head: User) -> None:
    # when
    lines = look(
        head, new(1), new(1, 登录邮箱="x@example.com"), new(2, 登录邮箱="same@example.com"),
        new(3, 登录邮箱="SAME@example.com"), new(4, 身份证号=ID_NUMBER), new(5, 身份证号=ID_NUMBER),
    )  # fmt: skip

    # then
    assert [line.errors[0][1] if line.errors else "" for line in lines] == [
        "文件里有 2 行用了这个工号", "文件里有 2 行用了这个工号", "", "该邮箱已是其他人员的登录账号", "",
        "这个身份证号已有人员档案。离职后回来的，请在原档案办理“重新入职”",
    ]  # fmt: skip


def test_what_is_not_theirs_to_do_is_told_by_row(org: dict[str, OrgUnit]) -> None:
    # given: may look at the county, may hire at one branch
    clerk = person(org["C11"], "CLERK", ["staff.view", "staff.import", "org_unit.view"])
    from ..orgs import grant

    grant(clerk.o2o_staff, org["B111"], ["staff.create", "staff.edit", "order.view"])
    hire(None, org["B112"], employee_no="NEAR", name="近人", email="near@example.com")

    # when
    lines = look(
        clerk,
        new(1, 岗位="营业员"),
        new(2, 所属机构代码="B112"),
        {"工号": "NEAR", "姓名": "改名"},
        {"工号": "NEAR2"},
    )

    # then
    assert lines[0].errors == []
    assert [line.errors for line in lines[1:3]] == [[("", "您没有执行此操作的权限")]] * 2


def test_a_customers_address_is_told(head: User) -> None:
    # given
    User.objects.create_user("n1@example.com", "pass-word")

    # then
    assert look(head, new(1))[0].note == "邮箱已是顾客账号，将成为工作账号"


# -- what is kept of it ------------------------------------------------------------------------------------------------


def test_what_waits_is_encrypted_and_forgotten_with_the_file(head: User) -> None:
    # given
    made = upload(head, new(1, 手机号="13800001234", 身份证号=ID_NUMBER))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows FROM o2o_org_hierarchy_staffimport")
        [stored] = cursor.fetchone()
    assert "13800001234" not in stored and ID_NUMBER not in stored and "新人" not in stored

    # when
    drop_people(made, by=head)

    # then
    made.refresh_from_db()
    assert (made.state, made.rows) == (ImportState.DROPPED, [])
    with pytest.raises(OrgError, match="已放弃，不能再次导入"):
        confirm_people(made, by=head)


def test_a_file_is_its_makers_alone(org: dict[str, OrgUnit], head: User) -> None:
    # given
    made = upload(head, new(1))
    other = person(org["C11"], "OTHER", RIGHTS)

    # then
    with pytest.raises(OutOfScope):
        own_people_file(made.pk, by=other)
    with pytest.raises(OutOfScope):
        confirm_people(made, by=other)
    with pytest.raises(NotAllowed):
        upload(person(org["C11"], "VIEWER", ["staff.view", "staff.create"]), new(2))
    assert not Staff.objects.filter(employee_no__startswith="N").exists()


@pytest.mark.parametrize(
    "file",
    [
        io.BytesIO(b"no file"), io.BytesIO(), book(), book({"工号": "1"}, titles=["工号"]),
        book({}, titles=["工号", "姓名", "血型"]),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_are_refused(head: User, file: io.BytesIO) -> None:
    with pytest.raises(OrgError) as refusal:
        keep_people(file, "x.xlsx", file.getbuffer().nbytes, by=head)
    assert refusal.value.code == "FILE_INVALID"
    assert not StaffImport.objects.exists()


def test_too_many_rows_are_refused(head: User) -> None:
    with pytest.raises(OrgError, match="最多 200 行"):
        upload(head, *[new(one) for one in range(MAX_ROWS + 1)])


def test_what_a_row_costs_is_told_by_its_person(head: User, django_assert_max_num_queries: Any) -> None:
    # given
    made = upload(head, *[new(one, 岗位="营业员") for one in range(10)])

    # then: about thirty statements for whoever is hired and appointed, none for the file's other rows
    with django_assert_max_num_queries(30 + 10 * 45):
        lines = rehearse_people(made, by=head)
    assert not any(line.errors for line in lines)


# -- by page -----------------------------------------------------------------------------------------------------------


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_org_hierarchy_staff_{name}", args=args)


def read(answer: Any) -> list[list[Any]]:
    content = b"".join(answer.streaming_content)
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].rows]


def test_from_the_template_to_the_list(org: dict[str, OrgUnit], head: User) -> None:
    # given
    client = client_of(head)
    assert page("import") in client.get(page("changelist")).content.decode()
    template = client.get(page("import_template"))
    book_ = load_workbook(io.BytesIO(b"".join(template.streaming_content)))
    heads = [cell.value for cell in book_.worksheets[0][1]]
    assert heads == [
        "工号*", "姓名*", "登录邮箱*", "所属机构代码*", "手机号", "身份证号", "入职日期", "岗位", "任职机构代码",
        "兼任岗位",
    ]  # fmt: skip
    notes = {row[0].value: row[1].value for row in book_.worksheets[1].rows}
    assert "支局业务处理中心：营业员、投递员" in notes["岗位"]

    # when: one row is wrong
    answer = client.post(page("import"), {"file": book(new(1, 手机号="13800001234"), new(2, 岗位="局长"))})
    shown = client.get(answer.url).content.decode()
    # then
    assert "没有“局长”这个岗位" in shown and "1 行有错误" in shown and "确认导入" not in shown
    assert "13800001234" not in shown
    client.post(answer.url, {"confirm": "1"})
    assert not Staff.objects.filter(employee_no="N1").exists()
    assert client.post(answer.url, {"drop": "1"}).status_code == 302

    # when: all is well
    answer = client.post(page("import"), {"file": book(new(1, 手机号="13800001234", 岗位="营业员"))})
    assert "录用 1" in client.get(answer.url).content.decode()
    done = client.post(answer.url, {"confirm": "1"}, follow=True).content.decode()
    # then
    assert "录用 1 人，修改 0 人" in done
    assert client_of(person(org["C11"], "OTHER", RIGHTS)).get(answer.url).status_code == 404


@pytest.mark.parametrize(("rights", "status"), [(RIGHTS, 200), (["staff.view", "staff.create"], 403)])
def test_who_may_import(org: dict[str, OrgUnit], rights: list[str], status: int) -> None:
    # given
    client = client_of(person(org["C11"], "SOMEBODY", rights))

    # then
    for name in ("import", "import_template"):
        assert client.get(page(name)).status_code == status
    client.post(page("import"), {"file": book(new(1))})
    assert StaffImport.objects.exists() is (status == 200)


def test_what_was_taken_out_can_be_taken_in_again(
    org: dict[str, OrgUnit], head: User, posts: dict[str, Post]
) -> None:
    # given: two posts, one elsewhere; nothing but a name; somebody who left
    both = hire(
        None,
        org["B111"],
        employee_no="E1",
        name="甲",
        email="e1@example.com",
        mobile="13800001234",
        id_number=ID_NUMBER,
    )
    assign(None, both, posts["clerk"], org["B112"], primary=True)
    assign(None, both, posts["keeper"], org["O1111"])
    hire(None, org["B111"], employee_no="E2", name="乙", email="e2@example.com")
    leave(None, hire(None, org["B111"], employee_no="E3", name="丙", email="e3@example.com"), reason="走了")

    # when
    rows = read(client_of(head).post(page("export"), {"format": "xlsx"}))

    # then: masked, and whole posts
    line = dict(zip(rows[1], next(row for row in rows if row[0] == "E1"), strict=True))
    assert (line["手机号"], line["身份证号"]) == ("138****1234", "110***********002X")
    assert (line["岗位"], line["任职机构代码"], line["兼任岗位"]) == ("营业员", "B112", "网点负责人@O1111")

    # when
    file = io.BytesIO()
    again_ = Workbook()
    for row in rows:
        again_.active.append(row)
    again_.save(file)
    file.seek(0)
    made = keep_people(file, "导出.xlsx", file.getbuffer().nbytes, by=head)
    lines = rehearse_people(made, by=head)

    # then
    assert {line.key: (line.action, line.errors) for line in lines} == {
        "E1": ("same", []), "E2": ("same", []), "E3": ("skip", []), "HEAD": ("same", []),
    }  # fmt: skip
    before = counts()
    confirm_people(made, by=head)
    assert counts()[:4] == before[:4]
    both = Staff.objects.get(pk=both.pk)
    assert (both.mobile, both.id_number) == ("13800001234", ID_NUMBER)

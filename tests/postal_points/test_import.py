"""Files of businesses: a preview that says what each row does, whole or not at all, a second person above the limit."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook
from saleor.account.models import User

from plugins.approvals.interfaces import approve, open_request, reject
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.postal_points.models import PostalBatch, PostalBusiness, PostalImport, PostalRule
from plugins.postal_points.permissions import APPROVE, IMPORT, VIEW
from plugins.postal_points.services import importing
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.members.asking import OTHER, somebody
from tests.orgs import again, person

from .conftest import points_of

HEADS = (
    "业务*",
    "业务编号*",
    "办理或冲正",
    "金额（元）",
    "办理日期",
    "办理机构代码",
    "手机号",
    "证件号",
    "会员卡号",
)
MOBILE = "13900001111"


def sheet(*rows: tuple[Any, ...]) -> SimpleUploadedFile:
    """A file with these rows; cells left out are empty."""
    book = Workbook()
    assert book.active is not None
    book.active.append(HEADS)
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("业务.xlsx", file.getvalue())


@pytest.fixture
def chief(org: dict[str, OrgUnit], rules: dict[str, PostalRule]) -> User:
    """Imports at B111."""
    return again(person(org["B111"], "chief", [VIEW, IMPORT]))


@pytest.fixture
def county(org: dict[str, OrgUnit]) -> User:
    """Agrees, for the county."""
    return again(person(org["C11"], "county", [VIEW, APPROVE, "approval.view", "approval.decide"]))


def test_a_file_is_previewed_and_written_once(chief: User, org: dict[str, OrgUnit]) -> None:
    # given: a member, a stranger, a small sum
    member = somebody()
    rows = (
        ("储蓄", "CX1", "", 25000, today().isoformat(), "", MOBILE),
        ("寄递", "JD1", "办理", "35.50", "", "O1111", OTHER),
        ("保险", "BX1", "", 9.99, "", "", MOBILE),
    )
    upload = importing.upload(sheet(*rows), by=chief)

    # when
    lines = importing.plan(upload, chief)

    # then: nothing was written by looking
    assert [(line.action, line.points, line.errors) for line in lines] == [
        ("create", 250, []), ("wait", 35, []), ("skip", 0, []),
    ]  # fmt: skip
    assert MOBILE not in "".join("".join(line.shown) for line in lines)
    assert not PostalBusiness.objects.exists()

    # when: written, and the same file once more
    done = importing.confirm(upload, by=chief)
    again_ = importing.upload(sheet(*rows), by=chief)

    # then
    assert (done.created_count, done.rows, points_of(member)) == (3, [], (250, 0))
    assert {row.number: (row.state, row.points, row.unit.code) for row in PostalBusiness.objects.all()} == {
        "CX1": ("counted", 250, "B111"), "JD1": ("waiting", 35, "O1111"), "BX1": ("nothing", 0, "B111"),
    }  # fmt: skip
    assert [line.action for line in importing.plan(again_, chief)] == ["same"] * 3
    importing.confirm(again_, by=chief)
    assert points_of(member) == (250, 0)


def test_errors_are_told_by_line_and_nothing_is_written(chief: User, org: dict[str, OrgUnit]) -> None:
    # given
    somebody()
    upload = importing.upload(
        sheet(
            ("彩票", "A", "", 1, "", "", MOBILE),
            ("储蓄", "B", "", -5, "2020-01-01", "", MOBILE),
            ("储蓄", "C", "", 100, "", "B211", MOBILE),
            ("储蓄", "D", "", 100, "", "", "123"),
            ("储蓄", "E", "", 100, "", "", ""),
            ("储蓄", "F", "", 100, "", "", MOBILE),
            ("储蓄", "F", "", 100, "", "", MOBILE),
            ("储蓄", "G", "冲正"),
        ),
        by=chief,
    )

    # when
    lines = importing.plan(upload, chief)

    # then
    assert [[str(title) for title, _words in line.errors] for line in lines] == [
        ["业务"], ["金额（元）", "办理日期"], ["办理机构代码"], ["手机号"], ["手机号"], [], ["业务编号"], ["业务编号"],
    ]  # fmt: skip
    with pytest.raises(importing.PostalError):
        importing.confirm(upload, by=chief)
    assert not PostalBusiness.objects.exists()
    assert not PostalBatch.objects.exists()


def test_a_reversal_by_file(chief: User) -> None:
    # given
    member = somebody()
    importing.confirm(importing.upload(sheet(("储蓄", "CX1", "", 25000, "", "", MOBILE)), by=chief), by=chief)

    # when
    done = importing.confirm(importing.upload(sheet(("储蓄", "CX1", "冲正")), by=chief), by=chief)

    # then
    assert (done.changed_count, points_of(member)) == (1, (0, 0))
    assert PostalBusiness.objects.get().state == "reversed"


@pytest.mark.parametrize("agreed", [True, False])
def test_above_the_limit_a_second_person_agrees(chief: User, county: User, agreed: bool) -> None:
    # given: 6 × 1 000 points, above 5 000
    member = somebody()
    rows = [("储蓄", f"CX{n}", "", 100000, "", "", MOBILE) for n in range(6)]
    importing.confirm(importing.upload(sheet(*rows), by=chief), by=chief)
    batch = PostalBatch.objects.get()
    assert (batch.state, batch.points, points_of(member)) == ("waiting", 6000, (0, 0))
    assert set(PostalBusiness.objects.values_list("state", flat=True)) == {"held"}
    asked = open_request(batch, "postal_points.batch")
    assert asked is not None

    # when
    if agreed:
        approve(asked, county)
    else:
        reject(asked, county, "与业务系统不符")

    # then: refused, the numbers are free again
    batch = PostalBatch.objects.get()
    assert batch.state == ("booked" if agreed else "refused")
    assert points_of(member) == ((6000, 0) if agreed else (0, 0))
    assert (
        PostalBusiness.objects.filter(state="counted").count() == PostalBusiness.objects.count() == 6 * agreed
    )


def test_who_may_import(org: dict[str, OrgUnit], chief: User) -> None:
    # given
    looks = again(person(org["B111"], "clerk", [VIEW]))
    other = again(person(org["B112"], "other", [VIEW, IMPORT]))
    upload = importing.upload(sheet(("储蓄", "CX1", "", 25000, "", "", MOBILE)), by=chief)

    # when, then
    with pytest.raises(NotAllowed):
        importing.upload(sheet(("储蓄", "CX1", "", 25000, "", "", MOBILE)), by=looks)
    with pytest.raises(OutOfScope):
        importing.own_upload(upload.pk, by=other)
    assert PostalImport.objects.count() == 1


def test_the_pages(chief: User, org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody()
    client = Client()
    client.force_login(chief, backend="django.contrib.auth.backends.ModelBackend")
    page = "/admin/o2o_postal_points/postalbusiness/"

    # when
    preview = client.post(
        f"{page}import/", {"file": sheet(("储蓄", "CX1", "", 25000, "", "", MOBILE))}, follow=True
    )
    address = preview.redirect_chain[-1][0]
    done = client.post(address, follow=True)

    # then
    assert "139****1111" in preview.content.decode()
    assert MOBILE not in preview.content.decode()
    assert "登记 1 笔" in done.content.decode()
    assert points_of(member) == (250, 0)
    row, batch = PostalBusiness.objects.get(), PostalBatch.objects.get()
    for address in (
        page, f"{page}{row.pk}/change/", f"{page}report/", f"{page}import/template.xlsx",
        f"/admin/o2o_postal_points/postalbatch/{batch.pk}/change/",
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address
    report = client.get(f"{page}report/").content.decode()
    assert "甲县一支局" in report and "¥25,000.00" in report and "250" in report
    stranger = again(person(org["B211"], "stranger", [VIEW]))
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{page}{row.pk}/change/").status_code == 404
    assert "甲县一支局" not in client.get(f"{page}report/").content.decode()

"""Files of units: what is read, what a preview says of every row, what a confirmation writes: all or nothing."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from saleor.account.models import User

from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.exchange.columns import COLUMNS, EXPORT_COLUMNS
from plugins.org_hierarchy.exchange.plan import plan
from plugins.org_hierarchy.exchange.reader import MAX_ROWS, read
from plugins.org_hierarchy.levels import Level, UnitStatus
from plugins.org_hierarchy.models import ImportState, OrgUnit, UnitImport, UnitVersion
from plugins.org_hierarchy.services import importing
from plugins.org_hierarchy.services.closing import close_unit
from plugins.org_hierarchy.services.importing import confirm, drop, own_upload, upload_file
from plugins.org_hierarchy.services.opening import create_unit
from saleor_o2o.backoffice.admin.export import written
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..orgs import person, small_org

pytestmark = pytest.mark.django_db

RIGHTS = [f"org_unit.{one}" for one in ("view", "create", "edit", "import")]
TITLES = [str(column.title) for column in COLUMNS]


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def manager(org: dict[str, OrgUnit]) -> User:
    return person(org["A1"], "manager", RIGHTS)


def book(
    *rows: dict[str, Any], titles: list[str] | None = None, above: list[list[str]] | None = None
) -> io.BytesIO:
    """A file with the template's headings and these rows by title."""
    names = titles or TITLES
    made = Workbook()
    sheet = made.active
    for line in above or []:
        sheet.append(line)
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    return file


def upload(by: Any, *rows: dict[str, Any]) -> UnitImport:
    file = book(*rows)
    return upload_file(file, "机构.xlsx", file.getbuffer().nbytes, by=by)


def errors_of(made: UnitImport, by: Any) -> dict[int, list[tuple[str, str]]]:
    return {line.number: line.errors for line in plan(made.rows, by) if line.errors}


def new(code: str, parent: str, **cells: Any) -> dict[str, Any]:
    return {"机构代码": code, "机构名称": f"新{code}", "上级机构代码": parent, **cells}


def test_a_file_is_written_whole(
    org: dict[str, OrgUnit], manager: User, django_assert_max_num_queries: Any
) -> None:
    # given: children before their parents, an open outlet, a change, and a row that changes nothing
    made = upload(
        manager,
        new("N1-01", "N1", 级别="网点", 状态="启用", 营业时间="每天 09:00-18:00", 业务范围="零售、代收代缴"),
        new("N1", "C12", 状态="启用", 经度=106.577, 纬度=29.557, 坐标系="WGS-84"),
        {"机构代码": "b121", "机构名称": "乙县城关支局", "地址": "南大街 1 号", "邮编": 400000},
        {"机构代码": "O1211"},
        new("N2", "C12", 生效日期=datetime(2026, 7, 1)),
    )
    assert made.state == ImportState.WAITING and OrgUnit.objects.count() == len(org)
    assert [(line.action, line.errors) for line in plan(made.rows, manager)] == [
        ("create", []),
        ("create", []),
        ("change", []),
        ("same", []),
        ("create", []),
    ]

    # when
    with django_assert_max_num_queries(30):
        done = confirm(made, by=manager)

    # then
    assert (done.state, done.created_count, done.changed_count) == (ImportState.DONE, 3, 1)
    units = {unit.code: unit for unit in OrgUnit.objects.filter(code__in=("N1", "N1-01", "N2", "B121"))}
    outlet, branch = units["N1-01"], units["N1"]
    assert branch.path == f"{org['C12'].path}{branch.pk}/" and outlet.path == f"{branch.path}{outlet.pk}/"
    assert (branch.level, outlet.level, outlet.status) == (Level.BRANCH, Level.OUTLET, UnitStatus.ACTIVE)
    assert outlet.business_hours["7"] == [["09:00", "18:00"]] and outlet.business_scope == ["retail", "bills"]
    assert branch.source_datum == "wgs84" and branch.lng != 106.577
    assert (units["N2"].effective_from.isoformat(), units["N2"].status) == ("2026-07-01", UnitStatus.PLANNED)
    changed = units["B121"]
    assert (changed.name, changed.address, changed.postcode, changed.revision) == (
        "乙县城关支局",
        "南大街 1 号",
        "400000",
        2,
    )
    version = UnitVersion.objects.get(unit=changed, valid_to__isnull=True)
    assert version.changed["before"] == {"name": "乙县一支局", "address": "", "postcode": ""}
    assert version.reason == "Excel 导入：机构.xlsx" and version.actor == f"user:{manager.pk}"
    assert OrgUnit.objects.get(code="O1211").revision == 1
    line = AuditEntry.objects.get(action="org_unit.imported")
    assert line.after == {"filename": "机构.xlsx", "created": 3, "changed": 1}

    # then: once
    with pytest.raises(OrgError):
        confirm(made, by=manager)


BAD_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({"机构名称": "没有代码", "上级机构代码": "C12"}, "机构代码", "请填写此项"),
    (new("坏代码", "C12"), "机构代码", "机构代码由数字"),
    (new("N1", "C12", 机构名称=""), "机构名称", "请填写此项"),
    (new("N1", ""), "上级机构代码", "新建机构要填写上级机构代码"),
    (new("N1", "NOBODY"), "上级机构代码", "没有这个上级机构"),
    (new("N1", "C21"), "上级机构代码", "没有这个上级机构"),  # out of reach: as if it were not there
    (new("B211", "C12"), "机构代码", "机构代码已被使用"),
    (new("N1", "O1211"), "级别", "网点下面不能再设机构"),
    (new("N1", "C12", 级别="网点"), "级别", "这个上级的下级应是支局业务处理中心"),
    (new("N1", "C12", 级别="大区"), "级别", "没有“大区”这个级别"),
    (new("N1", "C12", 状态="停用"), "状态", "新建机构只能是筹建或启用"),
    (new("N1", "C12", 经度=29.5, 纬度=106.5), "经度", "写反了"),
    (new("N1", "C12", 经度=106.5), "纬度", "一起填写"),
    (new("N1", "C12", 坐标系="火星", 经度=106.5, 纬度=29.5), "坐标系", "没有这种坐标系"),
    (new("N1", "C12", 营业时间="随时"), "营业时间", "不认识"),
    (new("N1", "C12", 业务范围="零售、保险"), "业务范围", "没有这种业务：保险"),
    (new("N1", "C12", 负责人工号="E404"), "负责人工号", "没有这个工号"),
    (new("N1", "C12", 生效日期="明天"), "生效日期", "应是日期"),
    (new("N1", "C12", 地址='=HYPERLINK("http://x")'), "地址", "是公式"),
    ({"机构代码": "B121", "上级机构代码": "C11"}, "上级机构代码", "变更隶属"),
    ({"机构代码": "B121", "级别": "网点"}, "级别", "级别不能修改"),
    ({"机构代码": "B121", "状态": "停用"}, "状态", "不能用导入改变状态，现为启用"),
    ({"机构代码": "B112", "机构名称": "改"}, "机构代码", "该机构已撤并"),
]


@pytest.mark.parametrize(("row", "column", "words"), BAD_ROWS)
def test_a_bad_row_is_told_by_column_and_nothing_is_written(
    org: dict[str, OrgUnit], manager: User, row: dict[str, Any], column: str, words: str
) -> None:
    # given
    close_unit(org["B112"], reason="撤销")
    made = upload(manager, new("GOOD", "C12"), row)
    before = list(OrgUnit.objects.order_by("pk").values())

    # when
    found = errors_of(made, manager)

    # then
    assert list(found) == [3]
    assert any(title == column and words in text for title, text in found[3]), found
    with pytest.raises(OrgError) as caught:
        confirm(made, by=manager)
    assert "没有导入任何一行" in caught.value.message
    assert list(OrgUnit.objects.order_by("pk").values()) == before
    made.refresh_from_db()
    assert made.state == ImportState.WAITING


def test_rows_that_disagree_with_each_other(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    made = upload(
        manager,
        new("T1", "C12"),
        new("T1", "C12"),
        new("X1", "X2"),
        new("X2", "X1"),
        new("P1", "C12", 邮编="abc"),
        new("P1-01", "P1"),
        new("Q1", "C12"),
        new("Q1-01", "Q1", 状态="启用"),
    )

    # then
    found = errors_of(made, manager)
    assert found == {
        2: [("机构代码", "文件里有 2 行用了这个代码")],
        3: [("机构代码", "与第 2 行重复")],
        4: [("上级机构代码", "上级机构互相指向，或层级太深")],
        5: [("上级机构代码", "上级机构互相指向，或层级太深")],
        6: [("邮编", "应是 6 位数字")],
        7: [("上级机构代码", "上级机构（第 6 行）有错误")],
        9: [("状态", "上级机构没有启用")],
    }


def test_rights_are_asked_row_by_row_and_again_at_the_end(org: dict[str, OrgUnit]) -> None:
    # given: may create in one county, look at the area
    clerk = person(org["C11"], "clerk", RIGHTS)
    made = upload(clerk, new("N1", "C11"), {"机构代码": "B111", "机构名称": "改"})
    assert errors_of(made, clerk) == {}
    viewer = person(org["C11"], "viewer", ["org_unit.view", "org_unit.import"])
    other = upload(viewer, new("N2", "C11"), {"机构代码": "B111", "机构名称": "改"})

    # then
    assert errors_of(other, viewer) == {
        2: [("上级机构代码", "您没有在该机构下新建的权限")],
        3: [("机构代码", "您没有修改该机构的权限")],
    }
    with pytest.raises(OutOfScope):
        own_upload(made.pk, by=viewer)
    for nobody in (
        person(org["C11"], "reader", ["org_unit.view"]),
        User.objects.create_user("x@example.com", "x"),
    ):
        with pytest.raises(NotAllowed):
            upload(nobody, new("N3", "C11"))

    # when: the code was taken between preview and confirmation
    create_unit(org["C12"], {"name": "抢先", "code": "N1"})
    # then
    with pytest.raises(OrgError):
        confirm(made, by=clerk)
    assert OrgUnit.objects.get(pk=org["B111"].pk).name == "甲县一支局"


def test_a_failure_in_the_middle_writes_nothing(
    org: dict[str, OrgUnit], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    made = upload(manager, new("N1", "C12"), {"机构代码": "B121", "机构名称": "改"})

    def fail(*_args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(importing, "_change", fail)

    # when
    with pytest.raises(RuntimeError):
        confirm(made, by=manager)

    # then
    assert OrgUnit.objects.count() == len(org) and UnitVersion.objects.count() == len(org)
    made.refresh_from_db()
    assert made.state == ImportState.WAITING
    drop(made, by=manager)
    with pytest.raises(OrgError):
        confirm(made, by=manager)


NOT_FILES = [
    (b"", "文件不是 Excel"),
    (b"PK\x03\x04 broken", "文件不是 Excel"),
    ("机构代码,机构名称\nN1,新".encode(), "文件不是 Excel"),
]


@pytest.mark.parametrize(("content", "words"), NOT_FILES)
def test_what_is_no_file_of_units(content: bytes, words: str) -> None:
    # when
    with pytest.raises(OrgError) as caught:
        read(io.BytesIO(content), len(content))

    # then
    assert str(caught.value.code) == "FILE_INVALID" and words in caught.value.message


def test_files_of_the_wrong_form(monkeypatch: pytest.MonkeyPatch) -> None:
    # then
    for file, words in (
        (book(titles=["代码", "名称"]), "没有找到表头"),
        (book(titles=["机构代码", "机构名称", "面积"]), "不认识的列：面积"),
        (book(titles=["机构代码", "机构名称", "机构名称"]), "重复的列"),
        (book(), "文件里没有数据"),
    ):
        with pytest.raises(OrgError) as caught:
            read(file, 1000)
        assert words in caught.value.message
    with pytest.raises(OrgError) as caught:
        read(book(), 9 * 1024 * 1024)
    assert "8 MB" in caught.value.message
    monkeypatch.setattr("saleor_o2o.backoffice.sheets.MAX_UNPACKED", 1000)
    with pytest.raises(OrgError) as caught:
        read(book(new("N1", "C12")), 1000)
    assert "展开后过大" in caught.value.message


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    assert MAX_ROWS == 10_000
    monkeypatch.setattr("plugins.org_hierarchy.exchange.reader.MAX_ROWS", 3)

    # then
    assert len(read(book(*[new(f"N{n}", "C12") for n in range(3)]), 1000)) == 3
    with pytest.raises(OrgError) as caught:
        read(book(*[new(f"N{n}", "C12") for n in range(4)]), 1000)
    assert "最多 3 行" in caught.value.message


def test_an_export_can_be_imported_again_and_no_cell_is_a_formula(
    org: dict[str, OrgUnit], manager: User
) -> None:
    # given: a unit that tries to be a formula, its business lines in an order of their own
    OrgUnit.objects.filter(pk=org["B121"].pk).update(
        name="=1+1",
        duty_phone="+86 23 6300 0000",
        business_scope=["ticketing", "retail"],
        lng=106.5,
        lat=29.5,
    )
    units = OrgUnit.objects.select_related("parent", "manager").filter(path__startswith=org["C12"].path)
    rows = [[written(cell.read(unit)) for cell in EXPORT_COLUMNS] for unit in units]
    assert "'=1+1" in rows[1]

    # when: with the line that an export puts on top
    file = book(*[dict(zip(TITLES, row, strict=True)) for row in rows], above=[["内部资料 机构"]])
    assert load_workbook(file).active["B4"].data_type == "s"
    file.seek(0)
    made = upload_file(file, "导出.xlsx", 1000, by=manager)

    # then
    assert [(line.action, line.errors) for line in plan(made.rows, manager)] == [("same", [])] * 3


def test_the_number_of_statements_does_not_grow(
    org: dict[str, OrgUnit], manager: User, django_assert_num_queries: Any
) -> None:
    # given
    made = upload(manager, *[new(f"N{n}", "C12") for n in range(300)])
    small = upload(manager, new("M1", "C12"))

    # then: both previews, and the confirmation of three hundred
    for one in (small, made):
        plan(one.rows, manager)
        with django_assert_num_queries(2):
            plan(one.rows, manager)
    confirm(made, by=manager)
    assert OrgUnit.objects.count() == len(org) + 300

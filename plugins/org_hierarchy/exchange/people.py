"""The columns of a file of people: what they are called, what they show, what they take.

A row is a person with all posts: the main one in two columns (post, and the unit it is held at), further ones in one
(`投递员@5001-01-01-002`). What the list exports can be taken in again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.export import Cell
from saleor_o2o.backoffice.imports import SheetColumn
from saleor_o2o.backoffice.sheets import Row, read_sheet
from saleor_o2o.kernel.clock import today

from .. import masking
from ..levels import Level
from ..models import Post, Staff, StaffPost
from .reader import refused

#: Each row opens a login and is tried against the database twice.
MAX_ROWS = 200
#: Without these a sheet is not one of people.
NEEDED = ("工号", "姓名")
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")


def _unsaid(_staff: Staff) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Column(SheetColumn):
    """A column that shows something of a person; `key` names the field of the services, `whole` shows it unmasked."""

    show: Callable[[Staff], Any] = _unsaid
    whole: Callable[[Staff], Any] | None = None
    #: Only told by the export; a file may have it, and nobody reads it.
    told: bool = False


def held(staff: Staff) -> list[StaffPost]:
    """The posts that run on or begin later, the main one first; read with `posts__post` and `posts__unit`."""
    day = today()
    running = [one for one in staff.posts.all() if one.valid_to is None or one.valid_to > day]
    return sorted(running, key=lambda one: (not one.is_primary, one.pk))


def main_post(staff: Staff) -> str:
    """营业员."""
    return next((one.post.name for one in held(staff)), "")


def _main_unit(staff: Staff) -> str:
    return next((one.unit.code for one in held(staff)[:1] if one.unit_id != staff.unit_id), "")


def _further(staff: Staff) -> str:
    return "；".join(f"{one.post.name}@{one.unit.code}" for one in held(staff)[1:])


COLUMNS = (
    Column(
        "employee_no", _("工号"), _("字母、数字和短横线；已有的工号表示修改，没有的表示录用"), True,
        show=lambda staff: staff.employee_no,
    ),
    Column("name", _("姓名"), _("录用时必填"), True, show=lambda staff: staff.name),
    Column(
        "email", _("登录邮箱"), _("录用时必填，激活邮件发到这个邮箱；不能用导入修改"), True,
        show=lambda staff: staff.user.email,
    ),
    Column(
        "unit", _("所属机构代码"), _("录用时必填；不能用导入调动"), True, show=lambda staff: staff.unit.code
    ),
    Column("unit_name", _("所属机构"), show=lambda staff: staff.unit.name, told=True),
    Column(
        "mobile", _("手机号"), _("11 位；加密保存，页面只显示首尾"), show=masking.phone_for,
        whole=lambda staff: staff.mobile,
    ),
    Column(
        "id_number", _("身份证号"), _("18 位，单元格请设为文本；加密保存，页面只显示首尾"),
        show=masking.id_number_for, whole=lambda staff: staff.id_number,
    ),
    Column("joined_on", _("入职日期"), _("如 2026-07-01；留空为今天"), show=lambda staff: staff.joined_on),
    Column("post", _("岗位"), _("岗位名称或代码，角色随岗位取得；可留空，以后再任职"), show=main_post),
    Column("post_unit", _("任职机构代码"), _("留空为所属机构"), show=_main_unit),
    Column("further", _("兼任岗位"), _("岗位@机构代码，几个岗位用分号隔开，如 投递员@5001-01-01-002"), show=_further),
    Column("status", _("状态"), show=lambda staff: staff.get_status_display(), told=True),
    Column("left_on", _("离职日期"), show=lambda staff: staff.left_on, told=True),
)  # fmt: skip
TITLE_OF = {column.key: str(column.title) for column in COLUMNS}
#: What the list of people exports: a file that can be taken in again.
EXPORT_COLUMNS = tuple(Cell(column.title, column.show, whole=column.whole) for column in COLUMNS)
EXPORT_NEEDS = ("posts__post", "posts__unit")


def template_columns(posts: Iterable[Post]) -> Sequence[SheetColumn]:
    """The columns of the template, with the posts on offer told and, where they are few, to be chosen from."""
    named: dict[int, list[str]] = {}
    for post in posts:
        named.setdefault(post.level, []).append(post.name)
    told = "；".join(f"{Level(level).label}：{'、'.join(names)}" for level, names in sorted(named.items()))
    names = list(dict.fromkeys(name for level in sorted(named, reverse=True) for name in named[level]))
    return [
        replace(column, note=f"{column.note}。{told}", choices=names)
        if column.key == "post" and told
        else column
        for column in COLUMNS
        if not column.told
    ]


def read_people(file: IO[bytes], size: int) -> list[Row]:
    """Return the rows of an xlsx file, blank ones left out. Raises OrgError(FILE_INVALID)."""
    titles = {str(column.title): column.key for column in COLUMNS}
    return read_sheet(file, size, titles, needed=NEEDED, most=MAX_ROWS, refuse=refused)


def day_written(text: str) -> str:
    """2026/7/1, 2026.7.1, 2026年7月1日, 20260701 → 2026-07-01; anything else as it is."""
    found = _DAY.fullmatch(text.strip())
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else text


def further_written(text: str) -> list[tuple[str, str]]:
    """`投递员@B111；店主联络员` → [("投递员", "B111"), ("店主联络员", "")]."""
    parts = re.split(r"[；;、,，\n]", text)
    split = [part.replace("＠", "@").partition("@") for part in parts if part.strip()]
    return [(name.strip(), unit.strip().upper()) for name, _at, unit in split]

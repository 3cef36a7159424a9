"""A file of members: kept encrypted, looked at as often as wanted, then written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from plugins.org_hierarchy.interfaces import OrgUnit, staff_of
from saleor_o2o.backoffice.imports import (
    Line,
    SheetColumn,
    close_file,
    drop_file,
    own_file,
    require_right,
    take_file,
)
from saleor_o2o.backoffice.sheets import read_sheet
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.numbering import next_numbers
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, policy_for, rows_for

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..events import MemberRegistered
from ..kinds import IdentityKind, Source
from ..models import Member, MemberIdentity, MemberImport
from ..numbers import MEMBER, address_of
from ..permissions import IMPORT
from ..values import Value, masked, unified
from .registering import clean_name

IMPORTED = audit.action("members.imported", _("批量导入会员"))
MOST = 2000
COLUMNS = (
    SheetColumn("mobile", _("手机号"), _("11 位；已是会员的跳过，不改动"), required=True),
    SheetColumn("name", _("姓名"), _("最多 40 个字")),
    SheetColumn("card", _("会员卡号"), _("已印发的实体卡号，字母和数字")),
    SheetColumn("unit", _("归属机构代码"), _("空则为您所在的机构；须在您的管辖范围内")),
    SheetColumn("agreement", _("同意书编号"), _("顾客签字的会员协议编号；没有同意的不能导入"), required=True),
)
TITLE_OF = {column.key: column.title for column in COLUMNS}


@dataclass(slots=True)
class MemberLine(Line):
    """A row of a file of members; `title` is the person's name."""

    values: list[Value] = field(default_factory=list)
    unit: OrgUnit | None = None
    agreement: str = ""

    @property
    def shown(self) -> tuple[str, str, str, str]:
        """Mobile, name, card and unit as the preview shows them: masked."""
        by_kind = {value.kind: masked(value.kind, value.text) for value in self.values}
        unit = self.unit.name if self.unit is not None else ""
        return (
            by_kind.get(IdentityKind.MOBILE, ""),
            mask_name(self.title),
            by_kind.get(IdentityKind.CARD, ""),
            unit,
        )


def upload(file: Any, *, by: Any) -> MemberImport:
    """Keep the rows of an uploaded file (with `name`, `size`, `read`). Writes no member.

    Raises NotAllowed, MemberError FILE_INVALID.
    """
    unit = _desk(by)
    titles = {str(column.title): column.key for column in COLUMNS}
    needed = [str(column.title) for column in COLUMNS if column.required]
    rows = read_sheet(file, file.size, titles, needed=needed, most=MOST, refuse=_refused)
    made = MemberImport(maker=by, unit=unit, filename=file.name[-200:])
    made.rows = rows
    made.save()
    return made


def own_upload(pk: int, *, by: Any) -> MemberImport:
    """One's own uploaded file. Raises OutOfScope for anybody else's, NotAllowed without the right."""
    _desk(by)
    return own_file(MemberImport.objects.all(), pk, by)


def plan(upload: MemberImport, by: Any) -> list[MemberLine]:
    """What each row would do as things are now; three statements, however many rows."""
    lines = [_read(row) for row in upload.rows]
    codes = {str(row["cells"].get("unit", "")).strip().upper() for row in upload.rows}
    units = {unit.code.upper(): unit for unit in rows_for(by, OrgUnit, IMPORT).filter(code__in=codes - {""})}
    indexes = [value.index for line in lines for value in line.values]
    there = {
        (one.kind, one.value_index)
        for one in MemberIdentity.objects.filter(value_index__in=indexes, released_at__isnull=True)
    }
    seen: dict[tuple[str, str], int] = {}
    for row, line in zip(upload.rows, lines, strict=True):
        code = str(row["cells"].get("unit", "")).strip().upper()
        line.unit = units.get(code) if code else upload.unit
        if line.unit is None:
            line.wrong(TITLE_OF["unit"], _("没有这个机构，或不在您的管辖范围"))
        for value in line.values:
            key = (str(value.kind), value.index)
            first = seen.setdefault(key, line.number)
            if first != line.number:
                line.wrong(TITLE_OF[value.kind], _("与第 %(n)s 行重复") % {"n": first})
            elif key in there and value.kind == IdentityKind.MOBILE:
                line.action = "skip"
            elif key in there and line.action == "create":
                line.wrong(TITLE_OF[value.kind], _("已是其他会员的"))
    return lines


def confirm(upload: MemberImport, *, by: Any) -> MemberImport:
    """Look at every row once more and write them all, in one transaction.

    Locks: the upload; the unique index keeps out who registered meanwhile, and then nothing is written. Raises
    FILE_INVALID when a row is wrong by now or the file is done with, NotAllowed, OutOfScope, LockTimeout.
    """
    _desk(by)
    with transaction.atomic():
        row = take_file(upload, by, _refused)
        lines = plan(row, by)
        require_right(lines, _refused)
        wanted = [line for line in lines if line.action == "create"]
        try:
            with transaction.atomic():
                _write(wanted, row, by)
        except IntegrityError:
            raise _refused(_("有顾客刚刚注册了，没有导入任何一行"), _("请再预览一次")) from None
        row.skipped_count = len(lines) - len(wanted)
        close_file(row, lines)
        audit.record(
            IMPORTED, row, actor=actor_label(by), org_path=row.unit.path,
            after={"filename": row.filename, "created": row.created_count, "skipped": row.skipped_count},
        )  # fmt: skip
    return row


def drop(upload: MemberImport, *, by: Any) -> None:
    """Throw a waiting file away, and what it said."""
    drop_file(upload, by)


def may_import(by: Any) -> bool:
    """True for whoever may bring members in."""
    return policy_for(Member).may(by, IMPORT, Member) and staff_of(by) is not None


def _desk(by: Any) -> OrgUnit:
    staff = staff_of(by)
    if staff is None or not may_import(by):
        raise NotAllowed
    return staff.unit


def _read(row: dict[str, Any]) -> MemberLine:
    cells = row["cells"]
    line = MemberLine(
        int(row["n"]),
        key="",
        title=clean_name(cells.get("name", "")),
        agreement=cells.get("agreement", "").strip()[:20],
    )
    line.errors += [(str(title), words) for title, words in row["bad"]]
    told = {title for title, _words in row["bad"]}
    for kind in (IdentityKind.MOBILE, IdentityKind.CARD):
        text = cells.get(str(kind), "")
        if not text:
            continue
        try:
            line.values.append(unified(kind, text))
        except MemberError as error:
            line.wrong(TITLE_OF[kind], error.message)
    for column in COLUMNS:
        if column.required and not cells.get(column.key) and str(column.title) not in told:
            line.wrong(column.title, _("没有填"))
    return line


def _write(lines: list[MemberLine], upload: MemberImport, by: Any) -> None:
    numbers = next_numbers(MEMBER, [("", None)] * len(lines)) if lines else []
    users = User.objects.bulk_create(
        [
            User(
                email=address_of(number), first_name=line.title,
                password=UNUSABLE_PASSWORD_PREFIX + get_random_string(40),
            )
            for number, line in zip(numbers, lines, strict=True)
        ],
        batch_size=500,
    )  # fmt: skip
    members = Member.objects.bulk_create(
        [
            Member(
                user=user, number=number, source=Source.IMPORT, home_unit=line.unit, registered_unit=upload.unit,
                registered_by=by, agreement=line.agreement, agreed_at=now(),
            )
            for user, number, line in zip(users, numbers, lines, strict=True)
        ],
        batch_size=500,
    )  # fmt: skip
    MemberIdentity.objects.bulk_create(
        [
            MemberIdentity(
                member=member, kind=value.kind, value=value.text, value_index=value.index,
                is_primary=value.kind == IdentityKind.MOBILE,
            )
            for member, line in zip(members, lines, strict=True)
            for value in line.values
        ],
        batch_size=500,
    )  # fmt: skip
    for member in members:
        publish(
            MemberRegistered(member_id=member.pk, user_id=member.user_id, source=str(Source.IMPORT)),
            key=f"member:{member.pk}",
        )


def _refused(message: Text, hint: Text | None) -> MemberError:
    return MemberError(Code.FILE_INVALID, message, field="file", hint=hint)

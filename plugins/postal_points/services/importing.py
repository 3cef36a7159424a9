"""A file of businesses: looked at row by row as often as wanted, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import submit
from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import OrgUnit, desk_of, may_at
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
from saleor_o2o.kernel.clock import midnight, today
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import NotAllowed, policy_for
from saleor_o2o.kernel.states import move_locked

from ..error_codes import PostalErrorCode as Code
from ..errors import PostalError
from ..kinds import BusinessState as State
from ..kinds import Service, Source
from ..models import PostalBatch, PostalBusiness, PostalImport
from ..numbers import BATCH
from ..permissions import IMPORT
from ..rules import Rules, worth
from ..who import COLUMNS as INDEXES
from ..who import Who, members_of, read
from .counting import BARRED, Told, reverse, take
from .reviewing import MATTER, lock_members, note_booked

MOST = 1000
#: Days back that a business may lie.
OLDEST = 366
DEED, REVERSAL = "办理", "冲正"
COLUMNS = (
    SheetColumn(
        "service", _("业务"), _("储蓄、保险或寄递"), required=True,
        choices=[str(one.label) for one in Service],
    ),
    SheetColumn("number", _("业务编号"), _("业务系统里的编号；同一业务只计一次"), required=True),
    SheetColumn("deed", _("办理或冲正"), _("空为办理；冲正收回原编号的积分"), choices=[DEED, REVERSAL]),
    SheetColumn("amount", _("金额（元）"), _("储蓄为存入金额，保险为保费，寄递为资费；冲正不填")),
    SheetColumn("day", _("办理日期"), _("如 2026-11-29；空为今天")),
    SheetColumn("unit", _("办理机构代码"), _("空为您的机构")),
    SheetColumn("mobile", _("手机号"), _("三项至少一项；不是会员的，期限内注册后补记")),
    SheetColumn("id_number", _("证件号"), _("与手机号不是同一会员时，以证件号为准")),
    SheetColumn("card", _("会员卡号"), ""),
)  # fmt: skip
TITLE_OF = {column.key: column.title for column in COLUMNS}
_SERVICES = {str(one.label): one for one in Service}


@dataclass(slots=True)
class BusinessLine(Line):
    """A row: what was done, by whom, what it gives."""

    service: Service | None = None
    amount: Decimal = Decimal(0)
    day: date | None = None
    unit: OrgUnit | None = None
    who: Who | None = None
    member: Member | None = None
    points: int = 0

    @property
    def shown(self) -> tuple[str, str, str, str, str]:
        """Service, number, sum, customer and points as the preview shows them: masked."""
        clue = self.who.clue if self.who is not None else ""
        who = f"{self.member.number} {clue}" if self.member is not None else clue
        sum_ = f"{self.amount:,.2f}" if self.amount else ""
        return str(self.service.label if self.service else ""), self.key, sum_, who, f"{self.points:,}"


def may_import(by: Any) -> bool:
    """True for whoever may take businesses in somewhere."""
    return policy_for(PostalBusiness).may(by, IMPORT, PostalBusiness)


def upload(file: Any, *, by: Any) -> PostalImport:
    """Keep the rows of an uploaded file. Writes nothing else. Raises NotAllowed, PostalError for what is none."""
    _require(by)
    titles = {str(column.title): column.key for column in COLUMNS}
    needed = [str(column.title) for column in COLUMNS if column.required]
    rows = read_sheet(file, file.size, titles, needed=needed, most=MOST, refuse=_refused)
    made = PostalImport(maker=by, filename=file.name[-200:])
    made.rows = rows
    made.save()
    return made


def own_upload(pk: int, *, by: Any) -> PostalImport:
    """One's own uploaded file. Raises OutOfScope for anybody else's, NotAllowed without the right."""
    _require(by)
    return own_file(PostalImport.objects.all(), pk, by)


def drop(upload: PostalImport, *, by: Any) -> None:
    """Throw a waiting file away, and what it said."""
    drop_file(upload, by)


def plan(upload: PostalImport, by: Any) -> list[BusinessLine]:
    """What each row would do as things are now."""
    own = desk_of(by, IMPORT)
    codes = {str(row["cells"].get("unit", "")).strip().upper() for row in upload.rows}
    units = {one.code: one for one in OrgUnit.objects.filter(code__in=codes)}
    numbers = {str(row["cells"].get("number", "")).strip() for row in upload.rows}
    known = {
        (one.service, one.number): one
        for one in PostalBusiness.objects.filter(number__in=numbers).select_related("unit")
    }
    lines = [_read(row, own, units, by) for row in upload.rows]
    found = members_of([line.who.indexes if line.who is not None else {} for line in lines])
    rules = Rules.read()
    seen: dict[tuple[Service, str], int] = {}
    for line, member in zip(lines, found, strict=True):
        line.member = member
        if line.service is None:
            continue
        earlier = seen.setdefault((line.service, line.key), line.number)
        if earlier != line.number:
            line.wrong(TITLE_OF["number"], _("与第 %(n)s 行重复") % {"n": earlier})
        if line.errors:
            continue
        before = known.get((line.service, line.key))
        if line.action == "change":
            _look_back(line, before, by)
        else:
            _look(line, before, rules)
    return lines


def confirm(upload: PostalImport, *, by: Any) -> PostalImport:
    """Look at every row once more and write them all, in one transaction; beyond the limit held for review.

    Locks: the upload, all purses, then each business. Raises PostalError when a row is wrong by now or the file is done
    with: nothing is written then; NotAllowed, OutOfScope, LockTimeout, and what the approval flow raises.
    """
    _require(by)
    with transaction.atomic():
        row = take_file(upload, by, _refused)
        lines = plan(row, by)
        require_right(lines, _refused)
        unit = desk_of(by, IMPORT)
        deeds = [line for line in lines if line.action in ("create", "wait", "skip")]
        backs = [[str(line.service), line.key] for line in lines if line.action == "change"]
        batch = PostalBatch.objects.create(
            number=next_number(BATCH), filename=row.filename, unit=unit, maker=by, reversals=backs,
            businesses_count=len(deeds), points=sum(line.points for line in deeds),
        )  # fmt: skip
        held = needs_review(lines)
        if not held:
            move_locked(batch, "book_it")
            lock_members({line.member.pk for line in deeds if line.member is not None}, backs)
        rules = Rules.read()
        for line in deeds:
            _write(line, batch, by, rules)
        if held:
            submit(MATTER, batch, unit, by, note=row.filename)
        else:
            for service, number in backs:
                reverse(service, number, source=Source.FILE, maker=by)
            note_booked(batch)
        row.batch = batch
        close_file(row, lines)
        row.created_count = len(deeds)
        row.save(update_fields=["created_count"])
    return row


def needs_review(lines: list[BusinessLine]) -> bool:
    """True where the points of a service, given and taken back, are more than its rule lets one person book."""
    sums: dict[Service, int] = {}
    for line in lines:
        if line.service is not None and line.action in ("create", "wait", "change"):
            sums[line.service] = sums.get(line.service, 0) + line.points
    rules = Rules.read()
    limits = {one: rules.at(one, midnight(today())) for one in sums}
    return any(
        points > rule.review_above for one, points in sums.items() if (rule := limits[one]) is not None
    )


def _write(line: BusinessLine, batch: PostalBatch, by: Any, rules: Rules) -> None:
    if line.service is None or line.day is None or line.unit is None or line.who is None:
        return
    told = Told(
        line.service, line.key, line.amount, end_of(line.day), line.unit, line.who, Source.FILE, by, batch
    )
    try:
        take(told, rules)
    except PostalError as refusal:  # another told of it between the two looks
        words = {"n": line.number, "why": refusal.message}
        raise _refused(_("第 %(n)s 行：%(why)s，没有导入任何一行") % words, None) from refusal


def end_of(day: date) -> Any:
    """The last moment of a day: the rule of that day counts."""
    return midnight(day + timedelta(days=1)) - timedelta(seconds=1)


def _read(row: dict[str, Any], own: OrgUnit, units: Mapping[str, OrgUnit], by: Any) -> BusinessLine:
    cells = {key: str(value).strip() for key, value in row["cells"].items()}
    line = BusinessLine(int(row["n"]), key=cells.get("number", ""), title="")
    line.errors += [(str(title), words) for title, words in row["bad"]]
    told = {title for title, _words in row["bad"]}
    for column in COLUMNS:
        if column.required and not cells.get(column.key) and str(column.title) not in told:
            line.wrong(column.title, _("没有填"))
    line.service = _SERVICES.get(cells.get("service", ""))
    if line.service is None and cells.get("service"):
        line.wrong(TITLE_OF["service"], _("填储蓄、保险或寄递"))
    if len(line.key) > 60:
        line.wrong(TITLE_OF["number"], _("最多 60 个字符"))
    deed = cells.get("deed") or DEED
    if deed not in (DEED, REVERSAL):
        line.wrong(TITLE_OF["deed"], _("填办理或冲正"))
    line.action = "change" if deed == REVERSAL else "create"
    if line.action == "create":
        _read_deed(line, cells, own, units, by)
    return line


def _read_deed(
    line: BusinessLine, cells: dict[str, str], own: OrgUnit, units: Mapping[str, OrgUnit], by: Any
) -> None:
    try:
        amount = Decimal(cells.get("amount", "").replace(",", ""))
        fits = amount.is_finite() and 0 < amount < 10**10 and amount == round(amount, 2)
    except InvalidOperation:
        amount, fits = Decimal(0), False
    if fits:
        line.amount = amount
    else:
        line.wrong(TITLE_OF["amount"], _("填大于 0 的金额，最多两位小数"))
    text = cells.get("day", "")[:10].replace("/", "-")
    try:
        line.day = date.fromisoformat(text) if text else today()
    except ValueError:
        line.wrong(TITLE_OF["day"], _("写成 2026-11-29 的样子"))
    else:
        if not today() - timedelta(days=OLDEST) <= line.day <= today():
            line.wrong(TITLE_OF["day"], _("不能晚于今天，也不能早于一年前"))
    code = cells.get("unit", "").upper()
    line.unit = units.get(code) if code else own
    if line.unit is None or (not may_at(by, IMPORT, line.unit) and line.unit.pk != own.pk):
        line.unit = None
        line.wrong(TITLE_OF["unit"], _("没有这个机构，或不在您的范围"))
    try:
        line.who = read(cells)
    except PostalError as error:
        line.wrong(TITLE_OF[error.field or "mobile"], error.in_words)
    else:
        if not line.who.indexes:
            line.wrong(TITLE_OF["mobile"], _("手机号、证件号、会员卡号至少填一项"))


def _look(line: BusinessLine, before: PostalBusiness | None, rules: Rules) -> None:
    if line.service is None or line.day is None or line.who is None or line.unit is None:
        return
    if before is not None and before.amount is not None:
        facts = {"amount": line.amount, "unit": line.unit, **line.who.columns()}
        if any(getattr(before, name) != facts[name] for name in ("amount", "unit", *INDEXES.values())):
            line.wrong(TITLE_OF["number"], _("已按另外的金额、机构或客户登记过"))
        line.action, line.note = "same", str(_("已登记：%(state)s") % {"state": before.get_state_display()})
        return
    if before is not None:
        line.action, line.note = "skip", str(_("冲正先于业务到达"))
        return
    rule = rules.at(line.service, end_of(line.day))
    line.points = worth(rule, line.amount) if rule is not None else 0
    if not line.points:
        line.action = "skip"
        line.note = str(_("没有这项业务的规则") if rule is None else _("金额不足一分"))
    elif line.member is not None and line.member.status in BARRED:
        line.action, line.points, line.note = "skip", 0, str(_("会员在黑名单或注销中"))
    elif line.member is None and rule is not None:
        line.action = "wait" if rule.wait_days else "skip"
        line.note = str(_("不是会员"))


def _look_back(line: BusinessLine, before: PostalBusiness | None, by: Any) -> None:
    if before is None or (not may_at(by, IMPORT, before.unit) and before.maker_id != by.pk):
        line.wrong(TITLE_OF["number"], _("没有登记过这个业务编号，或不在您的范围"))
    elif before.state == State.REVERSED:
        line.action, line.note = "same", str(_("已冲正"))
    elif before.state == State.HELD:
        line.wrong(TITLE_OF["number"], _("这笔业务在待复核的文件里，请撤回那个文件"))
    else:
        line.amount = before.amount or Decimal(0)
        line.points = before.points if before.state == State.COUNTED else 0


def _require(by: Any) -> None:
    if not may_import(by):
        raise NotAllowed


def _refused(message: Any, hint: Any) -> PostalError:
    return PostalError(Code.FILE_INVALID, message, "file", hint)

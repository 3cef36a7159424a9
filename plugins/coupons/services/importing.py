"""A list of members to give coupons: looked at row by row as often as wanted, then given whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import IdentityKind, Member, member_by
from plugins.org_hierarchy.interfaces import may_at
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
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, policy_for, rows_for

from ..choices import TemplateState
from ..error_codes import CouponErrorCode as Code
from ..errors import CouponError
from ..models import CouponImport, CouponTemplate
from ..permissions import GIVE
from .giving import MOST_PIECES, give_directly

IMPORTED = audit.action("coupons.imported", _("批量发券"))
MOST = 1000
COLUMNS = (
    SheetColumn("member", _("会员号或手机号"), _("您数据范围内的会员"), required=True),
    SheetColumn("template", _("模板代码"), _("发放中的优惠券"), required=True),
    SheetColumn("pieces", _("张数"), _("每人 1 至 20 张，空则 1 张")),
    SheetColumn("reason", _("原因"), _("会记在券上"), required=True),
)
TITLE_OF = {column.key: column.title for column in COLUMNS}


@dataclass(slots=True)
class GiftLine(Line):
    """A row: whom to give what, how many, why."""

    member: Member | None = None
    template: CouponTemplate | None = None
    pieces: int = 1
    reason: str = ""

    @property
    def shown(self) -> tuple[str, str, str, str]:
        """Member, coupon, pieces and reason as the preview shows them: masked."""
        who = ""
        if self.member is not None:
            who = f"{self.member.number} {mask_name(self.member.user.first_name)}".strip()
        return who, self.template.name if self.template is not None else "", str(self.pieces), self.reason


def may_import(by: Any) -> bool:
    """True for whoever may give coupons somewhere."""
    return policy_for(CouponTemplate).may(by, GIVE, CouponTemplate)


def upload(file: Any, *, by: Any) -> CouponImport:
    """Keep the rows of an uploaded file. Gives nothing. Raises NotAllowed, CouponError for a file that is none."""
    _require(by)
    titles = {str(column.title): column.key for column in COLUMNS}
    needed = [str(column.title) for column in COLUMNS if column.required]
    rows = read_sheet(file, file.size, titles, needed=needed, most=MOST, refuse=_refused)
    made = CouponImport(maker=by, filename=file.name[-200:])
    made.rows = rows
    made.save()
    return made


def own_upload(pk: int, *, by: Any) -> CouponImport:
    """One's own uploaded file. Raises OutOfScope for anybody else's, NotAllowed without the right."""
    _require(by)
    return own_file(CouponImport.objects.all(), pk, by)


def plan(upload: CouponImport, by: Any) -> list[GiftLine]:
    """What each row would do as things are now."""
    codes = {str(row["cells"].get("template", "")).strip() for row in upload.rows}
    templates = {
        one.code: one
        for one in rows_for(by, CouponTemplate).filter(code__in=codes).select_related("owner")
        if may_at(by, GIVE, one.owner)
    }
    lines = [_read(row, templates) for row in upload.rows]
    found = {line.member.pk for line in lines if line.member is not None}
    seen = set(rows_for(by, Member).filter(pk__in=found).values_list("pk", flat=True))
    first: dict[tuple[int, int], int] = {}
    for line in lines:
        if line.member is not None and line.member.pk not in seen:
            line.member = None
        if line.member is None and not line.errors:
            line.wrong(TITLE_OF["member"], _("没有这个会员，或不在您的数据范围"))
        if line.member is not None and line.template is not None:
            earlier = first.setdefault((line.member.pk, line.template.pk), line.number)
            if earlier != line.number:
                line.wrong(TITLE_OF["member"], _("与第 %(n)s 行重复") % {"n": earlier})
    return lines


def _read(row: dict[str, Any], templates: dict[str, CouponTemplate]) -> GiftLine:
    cells = row["cells"]
    line = GiftLine(int(row["n"]), key="", title="", reason=str(cells.get("reason", "")).strip()[:200])
    line.errors += [(str(title), words) for title, words in row["bad"]]
    told = {title for title, _words in row["bad"]}
    for column in COLUMNS:
        if column.required and not cells.get(column.key) and str(column.title) not in told:
            line.wrong(column.title, _("没有填"))
    line.template = templates.get(str(cells.get("template", "")).strip())
    if line.template is None and cells.get("template"):
        line.wrong(TITLE_OF["template"], _("没有这种优惠券，或您不能发放"))
    elif line.template is not None and line.template.state != TemplateState.PUBLISHED:
        line.wrong(TITLE_OF["template"], _("这种优惠券没有在发放"))
    pieces = str(cells.get("pieces", "") or "1").strip()
    if pieces.isascii() and pieces.isdigit() and 1 <= int(pieces[:4]) <= MOST_PIECES:
        line.pieces = int(pieces)
    else:
        line.wrong(TITLE_OF["pieces"], _("填 1 至 20"))
    line.member = _member(str(cells.get("member", "")).strip())
    return line


def _member(text: str) -> Member | None:
    if not text:
        return None
    by_number = Member.objects.select_related("user", "home_unit").filter(number=text.upper()).first()
    return by_number or member_by(IdentityKind.MOBILE, text)


def confirm(upload: CouponImport, *, by: Any) -> CouponImport:
    """Look at every row once more and give them all, in one transaction, each once per file.

    Locks: the upload, then templates. Raises CouponError when a row is wrong by now, the file is done with, or a coupon
    has run out: nothing is given then; NotAllowed, OutOfScope, LockTimeout.
    """
    _require(by)
    with transaction.atomic():
        row = take_file(upload, by, _refused)
        lines = plan(row, by)
        require_right(lines, _refused)
        # templates are locked in the order of their keys, whatever the order of the rows
        for line in sorted(lines, key=lambda one: (one.template.pk if one.template else 0, one.number)):
            if line.member is None or line.template is None:
                continue
            try:
                give_directly(line.template, [line.member], f"file:{row.pk}", line.reason, pieces=line.pieces)
            except CouponError as refusal:
                told = {"n": line.number, "why": refusal.message}
                raise _refused(_("第 %(n)s 行：%(why)s，没有发出任何一张") % told, None) from refusal
        close_file(row, lines)
        audit.record(
            IMPORTED,
            row,
            actor=actor_label(by),
            after={"filename": row.filename, "created": row.created_count},
        )
    return row


def drop(upload: CouponImport, *, by: Any) -> None:
    """Throw a waiting file away, and what it said."""
    drop_file(upload, by)


def _require(by: Any) -> None:
    if not may_import(by):
        raise NotAllowed


def _refused(message: Any, hint: Any) -> CouponError:
    return CouponError(Code.TERMS_INVALID, "file", f"{message}。{hint}" if hint else message)

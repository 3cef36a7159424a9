"""批量导入会员 by page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.imports import ImportPages

from ..models import Member, MemberImport
from ..services.importing import COLUMNS, confirm, drop, may_import, own_upload, plan, upload

PAGES = ImportPages(
    about=Member,
    title=_("批量导入会员"),
    may=may_import,
    keep=lambda request, file: upload(file, by=request.user),
    find=lambda pk, user: own_upload(pk, by=user),
    look=plan,
    confirm=lambda found, user: confirm(found, by=user),
    drop=lambda found, user: drop(found, by=user),
    rows=MemberImport.objects.all,
    heads=(
        (_("手机号"), lambda line: line.shown[0]),
        (_("姓名"), lambda line: line.shown[1]),
        (_("会员卡号"), lambda line: line.shown[2]),
        (_("归属机构"), lambda line: line.shown[3]),
    ),
    done=_("导入完成：新建 %(created_count)s 个，跳过 %(skipped_count)s 个"),
    hint=_("已是会员的跳过"),
    sheet=_("会员"),
    columns=lambda _user: COLUMNS,
    words={"skip": _("跳过：已是会员")},
)

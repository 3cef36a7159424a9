"""Files of people by page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.imports import ImportPages
from saleor_o2o.kernel.scope import policy_for

from ..exchange.people import template_columns
from ..models import Staff, StaffImport
from ..services.people_files import (
    confirm_people,
    drop_people,
    keep_people,
    own_people_file,
    posts_to_fill,
    rehearse_people,
)


def may_import(user: Any) -> bool:
    """True for whoever may upload files of people."""
    return policy_for(Staff).may(user, "staff.import", Staff)


def _keep(request: HttpRequest, file: Any) -> StaffImport:
    return keep_people(file, file.name, file.size, by=request.user)


PAGES = ImportPages(
    about=Staff,
    title=_("导入人员"),
    may=may_import,
    keep=_keep,
    find=lambda pk, user: own_people_file(pk, by=user),
    look=lambda upload, user: rehearse_people(upload, by=user),
    confirm=lambda upload, user: confirm_people(upload, by=user),
    drop=lambda upload, user: drop_people(upload, by=user),
    rows=StaffImport.objects.all,
    heads=(
        (_("工号"), lambda line: line.key),
        (_("姓名"), lambda line: line.title),
        (_("所属机构代码"), lambda line: line.unit),
        (_("岗位"), lambda line: line.posts),
    ),
    done=_("导入完成：录用 %(created_count)s 人，修改 %(changed_count)s 人；激活邮件已发往各人的登录邮箱"),
    hint=_("xlsx，一次最多 200 人、8 MB。一行一人；文件内容加密保存，确认或放弃后即清除"),
    sheet=_("人员"),
    columns=lambda user: template_columns(posts_to_fill(user)),
    words={"create": _("录用")},
)

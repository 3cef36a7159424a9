"""Files of units by page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.imports import ImportPages
from saleor_o2o.kernel.scope import policy_for

from ..exchange.columns import COLUMNS
from ..exchange.plan import plan
from ..models import OrgUnit, UnitImport
from ..services.importing import confirm, drop, own_upload, upload_file


def _keep(request: HttpRequest, file: Any) -> UnitImport:
    return upload_file(file, file.name, file.size, by=request.user)


PAGES = ImportPages(
    about=OrgUnit,
    title=_("导入机构"),
    may=lambda user: policy_for(OrgUnit).may(user, "org_unit.import", OrgUnit),
    keep=_keep,
    find=lambda pk, user: own_upload(pk, by=user),
    look=lambda upload, user: plan(upload.rows, user),
    confirm=lambda upload, user: confirm(upload, by=user),
    drop=lambda upload, user: drop(upload, by=user),
    rows=UnitImport.objects.all,
    heads=(
        (_("机构代码"), lambda line: line.code),
        (_("机构名称"), lambda line: line.name),
        (_("上级"), lambda line: line.parent_code),
    ),
    hint=_("xlsx，最多一万行、8 MB"),
    sheet=_("机构"),
    columns=lambda user: COLUMNS,
)

"""导入: a file of places (Excel) or of areas (GeoJSON) by page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.backoffice.admin.imports import ImportPages
from saleor_o2o.kernel.scope import policy_for

from ..kinds import ImportKind
from ..models import MapImport, Place, ServiceArea
from ..services.import_places import COLUMNS
from ..services.importing import confirm, drop, own_upload, rehearse, upload


def may_import(user: Any) -> bool:
    """True for whoever may upload files of the map."""
    return policy_for(Place).may(user, "map.import", Place)


def _shared(kind: ImportKind) -> dict[str, Any]:
    def keep(request: HttpRequest, file: Any) -> MapImport:
        return upload(kind, file, datum=request.POST.get("datum", Datum.GCJ02.value), by=request.user)

    return {
        "may": may_import,
        "keep": keep,
        "find": lambda pk, user: own_upload(pk, kind, by=user),
        "look": lambda found, user: rehearse(found, by=user),
        "confirm": lambda found, user: confirm(found, by=user),
        "drop": lambda found, user: drop(found, by=user),
        "rows": lambda: MapImport.objects.filter(kind=kind),
    }


PLACES = ImportPages(
    about=Place,
    title=_("导入地点"),
    heads=((_("编号"), lambda line: line.key), (_("名称"), lambda line: line.title)),
    hint=_("xlsx，最多一千行、8 MB"),
    sheet=_("地点"),
    columns=lambda user: COLUMNS,
    words={"skip": _("跳过（网点和支局在机构里维护）")},
    **_shared(ImportKind.PLACES),
)
AREAS = ImportPages(
    about=ServiceArea,
    title=_("导入服务范围和区县边界"),
    heads=((_("机构代码"), lambda line: line.key), (_("名称"), lambda line: line.title)),
    label=_("GeoJSON 文件"),
    accept=".geojson,.json,application/geo+json",
    hint=_(
        "每个图形（多边形）的属性里写“机构代码”：支局的是服务范围，区县的是边界。与画的一样检查：自相交、与别的支局重叠、"
        "超出区县边界。一次最多 500 个图形、8 MB。"
    ),
    choice=("datum", _("文件的坐标系"), Datum.choices),
    **_shared(ImportKind.AREAS),
)

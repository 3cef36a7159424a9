"""The permissions of approvals and how its rows hang on the tree."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import declare, scoped
from saleor_o2o.kernel.scope import use_policy


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models
    from .policy import ApprovalPolicy

    declare("approval", _("审批"), {"view": _("查看审批与职责矩阵"), "edit": _("修改职责矩阵与审批路线")})
    scoped(models.ApprovalRequest, "approval", unit="unit", owner="submitter_id")
    # Whoever submitted or decides a request sees it without `approval.view`.
    use_policy(ApprovalPolicy(), models.ApprovalRequest)
    scoped(models.ApprovalStep, "approval", unit="request__unit", owner="request__submitter_id")
    scoped(models.ApprovalAction, "approval", unit="request__unit", owner="request__submitter_id")
    for table in (models.MatrixMatter, models.MatrixDuty, models.ApprovalRoute, models.RouteLine):
        scoped(table, "approval", city_wide=True)

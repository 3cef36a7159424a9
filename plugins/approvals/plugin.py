"""The declaration of the plugin ``approvals``."""

from saleor_o2o.plugin import Beat, Menu, Page, Plugin

_PAGE = "admin:o2o_approvals_{}_changelist"

plugin = Plugin(
    name="approvals",
    title="审批",
    app="plugins.approvals",
    requires=("org_hierarchy",),
    queries=("plugins.approvals.graphql.ApprovalQueries",),
    mutations=("plugins.approvals.graphql.ApprovalMutations",),
    seeds=("plugins.approvals.seeds.seed",),
    todo=("plugins.approvals.todo.todo",),
    menus=(
        Menu(
            "审批",
            (
                Page("待办", "task_alt", _PAGE.format("approvalrequest")),
                Page("职责矩阵", "grid_on", _PAGE.format("matrixmatter"), "approval.view"),
                Page("审批路线", "alt_route", _PAGE.format("approvalroute"), "approval.view"),
            ),
        ),
    ),
    beat={"approvals.escalate-overdue": Beat("plugins.approvals.tasks.escalate_overdue", 300)},
)

"""The declaration of the plugin ``org_hierarchy``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

plugin = Plugin(
    name="org_hierarchy",
    title="机构与权限",
    app="plugins.org_hierarchy",
    requires=("kernel", "cashier", "backoffice"),
    queries=(
        "plugins.org_hierarchy.graphql.units.UnitQueries",
        "plugins.org_hierarchy.graphql.staff.StaffQueries",
        "plugins.org_hierarchy.graphql.posts.PostQueries",
    ),
    mutations=(
        "plugins.org_hierarchy.graphql.units.UnitMutations",
        "plugins.org_hierarchy.graphql.staff.StaffMutations",
        "plugins.org_hierarchy.graphql.posts.PostMutations",
    ),
    menus=(
        Menu(
            "机构与人员",
            (
                Page("机构", "account_tree", "admin:o2o_org_hierarchy_orgunit_changelist", "org_unit.view"),
                Page("组织机构图", "lan", "admin:o2o_org_hierarchy_orgunit_chart", "org_unit.view"),
                Page("机构地图", "map", "admin:o2o_org_hierarchy_orgunit_map", "org_unit.view"),
                Page(
                    "隶属变更", "move_up", "admin:o2o_org_hierarchy_plannedmove_changelist", "org_unit.view"
                ),
                Page("人员", "badge", "admin:o2o_org_hierarchy_staff_changelist", "staff.view"),
                Page(
                    "部门", "corporate_fare", "admin:o2o_org_hierarchy_department_changelist", "org_unit.view"
                ),
                Page("岗位", "work", "admin:o2o_org_hierarchy_post_changelist", "role.view"),
                Page("角色", "shield_person", "admin:o2o_org_hierarchy_role_changelist", "role.view"),
                Page("授权", "key", "admin:o2o_org_hierarchy_rolegrant_changelist", "role.view"),
            ),
        ),
    ),
    journeys={
        "scope": JourneySpec(
            "plugins.org_hierarchy.journeys.scope.play",
            "两县互不可见：列表、编号、后台、导出；变更隶属后立即随树",
        ),
        "staff": JourneySpec(
            "plugins.org_hierarchy.journeys.staff.play",
            "录用、兼岗、自建角色不得超权、不相容与双人复核、限额、限期委托、交接离职",
        ),
        "org": JourneySpec(
            "plugins.org_hierarchy.journeys.org.play", "设立支局、配备人员、月中变更隶属、清理后撤并"
        ),
    },
    auth_backends=("plugins.org_hierarchy.access.backend.OrgBackend",),
    todo=("plugins.org_hierarchy.todo.todo", "plugins.org_hierarchy.todo_moves.todo"),
    pages="plugins.org_hierarchy.pages",
    seeds=("plugins.org_hierarchy.seeds.seed",),
    on_order_written=("plugins.org_hierarchy.attribution.attribute",),
    beat={
        "org_hierarchy.due-moves": Beat("o2o_org_hierarchy.apply_due_moves", 60),
        "org_hierarchy.tidy-grants": Beat("o2o_org_hierarchy.tidy_grants", 60),
    },
)

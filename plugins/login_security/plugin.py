"""The declaration of the plugin ``login_security``."""

from saleor_o2o.plugin import Beat, Menu, Page, Plugin

_TASKS = "plugins.login_security.tasks"

plugin = Plugin(
    name="login_security",
    title="登录安全",
    app="plugins.login_security",
    requires=("org_hierarchy",),
    mutations=("plugins.login_security.graphql.LoginMutations",),
    admin_layers=("plugins.login_security.gate.login_gate",),
    todo=("plugins.login_security.todo.todo",),
    menus=(
        Menu(
            "机构与人员",
            (
                Page(
                    "登录安全",
                    "shield_person",
                    "admin:o2o_login_security_stafflogin_changelist",
                    "staff.view",
                ),
                Page("我的登录", "passkey", "admin:o2o_login_mine"),
            ),
        ),
    ),
    beat={
        "login_security.disable-idle": Beat(f"{_TASKS}.disable_idle", 3600),
        "login_security.sweep": Beat(f"{_TASKS}.sweep", 3600),
    },
)

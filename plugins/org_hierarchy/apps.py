"""The Django app of the organisation."""

from django.apps import AppConfig


class OrgHierarchyConfig(AppConfig):
    """机构、岗位、人员、角色与数据范围。"""

    name = "plugins.org_hierarchy"
    label = "o2o_org_hierarchy"
    verbose_name = "机构与人员"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from saleor_o2o.kernel.audit import use_org_path

        from .access.core_rules import install
        from .audit_paths import path_of_line
        from .customers_moving import install as install_moving
        from .masking import install as install_masking

        install()
        install_masking()
        install_moving()
        use_org_path(path_of_line)

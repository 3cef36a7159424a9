"""Django's admin app, on our own site."""

from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    """Django's admin, with the site of ours (`site`)."""

    default_site = "saleor_o2o.backoffice.site.BackOfficeSite"

"""Pages of dispatch."""

from django.apps import apps

from saleor_o2o.backoffice.doors import add_doors

from . import page, rules, tasks

add_doors(apps.get_model("o2o_ordering", "OrderProfile"), page.doors)

__all__ = ["rules", "tasks"]

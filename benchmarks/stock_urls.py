"""Stock's view on stock's schema at the usual address: the other side of the comparison."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from saleor.graphql.api import schema
from saleor.graphql.views import GraphQLView
from saleor.product.views import digital_product

from saleor_o2o.health import healthz


def restore_stock() -> None:
    """Take our locks off stock's allocation and payment functions in this process: they are what is compared."""
    from saleor.checkout import utils as checkout_utils
    from saleor.graphql.order.mutations import draft_orders
    from saleor.payment import gateway
    from saleor.warehouse import management

    for module in (management, checkout_utils, draft_orders):
        module.allocate_stock = getattr(module.allocate_stock, "__wrapped__", module.allocate_stock)
    for name in ("gateway_postprocess", "process_payment", "capture", "refund", "void"):
        action = getattr(gateway, name)
        setattr(gateway, name, getattr(action, "__wrapped__", action))


restore_stock()

urlpatterns = [
    path("graphql/", csrf_exempt(GraphQLView.as_view(schema=schema)), name="api"),
    re_path(r"^digital-download/(?P<token>[0-9A-Za-z_\-]+)/$", digital_product, name="digital-product"),
    path("healthz", healthz),
]

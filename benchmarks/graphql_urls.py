"""Stock's view on stock's schema at the usual address: the other side of the comparison."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from saleor.graphql.api import schema
from saleor.graphql.views import GraphQLView
from saleor.product.views import digital_product

from saleor_o2o.health import healthz

urlpatterns = [
    path("graphql/", csrf_exempt(GraphQLView.as_view(schema=schema)), name="api"),
    re_path(r"^digital-download/(?P<token>[0-9A-Za-z_\-]+)/$", digital_product, name="digital-product"),
    path("healthz", healthz),
]

"""URLs of the platform: stock Saleor's, the back office, and what the plugins declare."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.static import serve
from saleor.data_feeds.urls import urlpatterns as feed_urls
from saleor.product.views import digital_product

from saleor_o2o.composition import active
from saleor_o2o.graphql.schema import schema
from saleor_o2o.graphql.view import PlatformGraphQLView
from saleor_o2o.health import healthz, readyz

handler400 = "saleor_o2o.problems.bad_request"
handler403 = "saleor_o2o.problems.permission_denied"
handler404 = "saleor_o2o.problems.page_not_found"

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^graphql/", csrf_exempt(PlatformGraphQLView.as_view(schema=schema)), name="api"),
    re_path(r"^feeds/", include((feed_urls, "data_feeds"), namespace="data_feeds")),
    # a token is a UUID, with or without dashes: stock's own pattern lets anything through to a server error
    re_path(
        r"^digital-download/(?P<token>[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})/$",
        digital_product,
        name="digital-product",
    ),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("", include("django_prometheus.urls")),
]

#: What others call all the time: behind one common beginning, and before everything that is asked less.
_hooks: list[URLPattern | URLResolver] = [
    path(f"{_plugin.name}/", include(import_module(_plugin.hooks).urlpatterns))
    for _plugin in active()
    if _plugin.hooks
]
urlpatterns.insert(1, path("hooks/", include(_hooks)))
for _plugin in active():
    if _plugin.pages:
        urlpatterns.append(path(f"{_plugin.name}/", include(import_module(_plugin.pages).urlpatterns)))

if settings.SERVE_MEDIA:
    urlpatterns.append(re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}))

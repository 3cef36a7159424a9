"""The WSGI entry of web servers. Saleor's own module warms up in a way that current Django refuses."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")

application = get_wsgi_application()

from saleor_o2o.warm_up import warm_up  # noqa: E402

warm_up()
# What is loaded now lives for ever: keep the collector from walking it at every pass, and let it pass less often.
# Measured on storefront queries: the 95th percentile is halved (docs/decisions/0006-graphql-view.md).
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)

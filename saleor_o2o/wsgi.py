"""The WSGI entry of web servers. Saleor's own module warms up in a way that current Django refuses."""

import gc
import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")

_django = get_wsgi_application()

from saleor_o2o.kernel.stack import with_room  # noqa: E402
from saleor_o2o.warm_up import warm_up  # noqa: E402

warm_up()


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Serve one request: it stands deep in the interpreter's stack (docs/decisions/0066-room-for-deep-calls.md)."""
    return with_room(_django, environ, start_response)


# What is loaded now lives for ever: keep the collector from walking it at every pass. That it passes less often say the
# settings. Measured on storefront queries: the 95th percentile is halved (docs/decisions/0006-graphql-view.md).
gc.collect()
gc.freeze()

"""The Celery application of workers and beat."""

import os
from importlib import import_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")

import django

django.setup()

from django.conf import settings  # noqa: E402
from saleor.celeryconf import app  # noqa: E402

from saleor_o2o.composition import active  # noqa: E402

# Saleor's product tasks and product utils import each other; only this way round works
import_module("saleor.product.utils")
# a plugin's further apps have jobs of their own
app.autodiscover_tasks([name for plugin in active() for name in (plugin.app, *plugin.apps)], force=True)
app.autodiscover_tasks([name for name in settings.INSTALLED_APPS if name.startswith("saleor.")], force=True)

__all__ = ["app"]

"""The Celery application of workers and beat."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from saleor.celeryconf import app  # noqa: E402

from saleor_o2o.composition import active  # noqa: E402

app.autodiscover_tasks([plugin.app for plugin in active()], force=True)
app.autodiscover_tasks([name for name in settings.INSTALLED_APPS if name.startswith("saleor.")], force=True)

__all__ = ["app"]

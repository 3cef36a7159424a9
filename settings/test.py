"""Tests: a real PostgreSQL, tasks in the calling process, fixed secrets, no network.

Currency, country, time zone and language come from the environment where it names them, so that Saleor's own suite
(which speaks of USD and English) can be run against these settings too: see docs/stock-suite.md.
"""

from __future__ import annotations

import os

from saleor_o2o.embedded import ensure_urls

if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = ensure_urls("test").database_url
os.environ["SECRET_KEY"] = "not-a-secret-only-for-tests-not-a-secret-only-for-tests"  # noqa: S105

from .base import *
from .base import VAR_DIR, env

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["*"]
ALLOWED_CLIENT_HOSTS = ["www.example.com", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = []
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
#: A minute of tests asks more than a minute of a shopper; tests of the pace set their own.
O2O_MAP_PACE = {"ASKED": 0, "LOOKED_UP": 0, "LOOKED_UP_BY_ALL": 0}
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = False
MEDIA_ROOT = str(VAR_DIR / "test-media" / os.environ.get("PYTEST_XDIST_WORKER", "master"))
#: Nothing is collected there: each client of a test reads all that is, at its first request.
STATIC_ROOT = str(VAR_DIR / "test-static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
VERSATILEIMAGEFIELD_SETTINGS = {"create_images_on_demand": False}
O2O_FIELD_KEYS = ["bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYS0="]
O2O_BLIND_INDEX_KEY = "not-a-secret"
O2O_SANDBOX_ALLOWED = True
O2O_UNASSIGNED_STAFF_GLOBAL = True  # stock's own suite knows nothing of an organisation
SANDBOX_URL = env.str("O2O_SANDBOX_URL", default="")

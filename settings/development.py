"""A laptop and the demo: embedded services unless the environment names others."""

from __future__ import annotations

import os

from saleor_o2o.embedded import ensure_urls

if not os.environ.get("DATABASE_URL") or not os.environ.get("REDIS_URL"):
    _urls = ensure_urls("development")
    os.environ.setdefault("DATABASE_URL", _urls.database_url)
    os.environ.setdefault("REDIS_URL", _urls.redis_url)

from saleor_o2o.composition import beat_schedule

from .base import *
from .base import DECLARED, O2O_CASHIER, O2O_WECHAT_PAY, TEMPLATES, VAR_DIR, env
from .local_keys import local_keys

DEBUG = env.bool("DEBUG", default=True)
TEMPLATES[0]["OPTIONS"]["debug"] = DEBUG  # type: ignore[index]
PLAYGROUND_ENABLED = True
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
O2O_SANDBOX_ALLOWED = True
O2O_UNASSIGNED_STAFF_GLOBAL = env.bool("O2O_UNASSIGNED_STAFF_GLOBAL", default=True)
SANDBOX_URL = env.str("O2O_SANDBOX_URL", default="http://127.0.0.1:8100")

_keys = local_keys(VAR_DIR / "keys.json")
SECRET_KEY = _keys["SECRET_KEY"]
O2O_FIELD_KEYS = [_keys["FIELD_KEY"]]
O2O_BLIND_INDEX_KEY = _keys["BLIND_INDEX_KEY"]

# The demo's people have passwords that everybody may read; a second of work for each log-in protects nothing here.
PASSWORD_HASHERS = ["settings.hashers.QuickHasher"]
#: Pictures of the seed, drawn once for the demo and every temporary platform.
O2O_PICTURES_DIR = env.str("O2O_PICTURES_DIR", default=str(VAR_DIR / "pictures"))

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("REDIS_URL"),
        "KEY_PREFIX": "o2o",
    }
}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(VAR_DIR / "mail")

# The sandbox answers at once: whoever tries a lost notification does not want to wait a minute.
# the sandbox lets a minute pass in a second
O2O_WECHAT_PAY = {
    **O2O_WECHAT_PAY,
    "SHARE_AFTER_SECONDS": env.int("O2O_WECHAT_SHARE_AFTER_SECONDS", default=2),
}
O2O_CASHIER = {**O2O_CASHIER, "QUERY_AFTER_SECONDS": env.int("O2O_QUERY_AFTER_SECONDS", default=5)}

#: Seconds in which every job of the minute comes round: who plays journeys on a platform of their own waits for them.
CELERY_BEAT_SCHEDULE = beat_schedule(DECLARED, env.float("O2O_BEAT_PACE", default=60))

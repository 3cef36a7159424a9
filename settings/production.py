"""Production: everything from the environment, nothing by default that could be a secret.

What is missing or unsafe ends the process with one message that names all of it (saleor_o2o/checks.py).
"""

from __future__ import annotations

import os

from saleor_o2o.checks import environment_problems, refuse, settings_problems

refuse(environment_problems(os.environ))

os.environ["DEBUG"] = "False"  # Saleor's own settings would switch it on where it is not named

from .base import *  # noqa: E402
from .base import DATABASES, GRAPHQL_JWT, O2O_LOGIN, PUBLIC_URL, SILENCED_SYSTEM_CHECKS, STORAGES, env  # noqa: E402
from .base import PLUGINS as BASE_PLUGINS  # noqa: E402

O2O_PRODUCTION = True
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
SECRET_KEY = env.str("SECRET_KEY")
O2O_FIELD_KEYS = env.list("O2O_FIELD_KEYS")
O2O_BLIND_INDEX_KEY = env.str("O2O_BLIND_INDEX_KEY")
O2O_SANDBOX_ALLOWED = False
SANDBOX_URL = ""
# The dummy gateway marks orders as paid without taking money.
PLUGINS = [path for path in BASE_PLUGINS if "gateways.dummy" not in path]
PLAYGROUND_ENABLED = env.bool("PLAYGROUND_ENABLED", default=False)

# -- browsers ---------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = (
    "HTTP_X_FORWARDED_PROTO",
    "https",
)  # the proxy must set it, and drop a client's own
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [
    r"^healthz$",
    r"^readyz$",
    r"^metrics$",
]  # asked inside the cluster, over plain HTTP
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")]
# Clickjacking and CSRF layers run below /admin/ only (saleor_o2o.http.admin_session): the checks cannot see them.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W002", "security.W003"]
GRAPHQL_JWT = {**GRAPHQL_JWT, "JWT_VERIFY_EXPIRATION": True}

# One proxy terminates TLS in front of us, unless said otherwise; failures to log in are counted per client address.
O2O_LOGIN = {**O2O_LOGIN, "TRUSTED_PROXIES": env.int("O2O_TRUSTED_PROXIES", default=1)}

# -- data -------------------------------------------------------------------------
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("REDIS_URL"),
        "KEY_PREFIX": "o2o",
    }
}

# -- files: an object store where one is named, else the folder O2O_VAR_DIR/media -------
if env.str("AWS_MEDIA_BUCKET_NAME", default=""):
    STORAGES = {**STORAGES, "default": {"BACKEND": "saleor.core.storages.S3MediaStorage"}}
elif env.str("GS_MEDIA_BUCKET_NAME", default=""):
    STORAGES = {**STORAGES, "default": {"BACKEND": "saleor.core.storages.GCSMediaStorage"}}
SERVE_MEDIA = env.bool("O2O_SERVE_MEDIA", default=False)

# -- mail: Saleor reads EMAIL_URL; without it mail must not be printed into the log ------
if not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# -- logs: one line each on stderr, with the request id, without personal data ------------
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # or the worker would replace the handler below
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "saleor_o2o.kernel.logging.RequestFilter"}},
    "formatters": {
        "json": {"()": "saleor_o2o.json_log.JsonFormatter"},
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request"],
            "formatter": "plain" if env.str("O2O_LOG_FORMAT", default="json") == "plain" else "json",
        },
        "null": {"class": "logging.NullHandler"},
    },
    "root": {"level": env.str("O2O_LOG_LEVEL", default="INFO"), "handlers": ["stderr"]},
    "loggers": {
        # Django's own handler would mail errors, unfiltered, to ADMINS
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "graphql.execution.utils": {"handlers": ["null"], "propagate": False},
        # scanners knock under every name: the answer 400 is enough
        "django.security.DisallowedHost": {"handlers": ["null"], "propagate": False},
        # what a client did wrong is answered to the client
        "saleor.graphql.errors.handled": {"level": "ERROR", "propagate": True},
    },
}

refuse(settings_problems(globals()))

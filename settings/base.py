"""What every environment shares: stock Saleor's settings, then ours on top.

Everything that differs between places comes from the environment (a ``.env`` file beside ``manage`` is read first).
Saleor reads currency, country and secrets from the environment *while being imported*, so they are set before.
"""

from __future__ import annotations

import gc
import os
from datetime import timedelta
from pathlib import Path

import environ

from saleor_o2o.backoffice.unfold import look
from saleor_o2o.compat import prepare_settings
from saleor_o2o.composition import beat_schedule, compose

# What is read from here on are modules, which live for ever: looking for cycles among them at every 700 new containers
# is a quarter of a start (docs/decisions/0141-what-every-process-reads-is-compiled-once.md).
gc.set_threshold(50_000, 20, 50)

PROJECT_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

for _name, _value in {
    "DEFAULT_CURRENCY": "CNY",
    "DEFAULT_COUNTRY": "CN",
    "ALLOWED_CLIENT_HOSTS": "localhost,127.0.0.1",
    "SECRET_KEY": "to-be-replaced-by-the-environment",
}.items():
    os.environ.setdefault(_name, _value)

prepare_settings()

from saleor.settings import *  # noqa: E402
from saleor.settings import AUTH_PASSWORD_VALIDATORS as STOCK_VALIDATORS  # noqa: E402
from saleor.settings import AUTHENTICATION_BACKENDS as STOCK_BACKENDS  # noqa: E402
from saleor.settings import DATABASES as DATABASES  # noqa: E402
from saleor.settings import INSTALLED_APPS as STOCK_APPS  # noqa: E402
from saleor.settings import MIDDLEWARE as STOCK_MIDDLEWARE  # noqa: E402
from saleor.settings import PLUGINS as STOCK_PLUGINS  # noqa: E402

# -- where we are ------------------------------------------------------------
VAR_DIR = Path(env.str("O2O_VAR_DIR", default="") or PROJECT_DIR / "var").absolute()
PROJECT_ROOT = str(PROJECT_DIR)
PUBLIC_URL = env.str("O2O_PUBLIC_URL", default="http://127.0.0.1:8000")
SANDBOX_URL = env.str("O2O_SANDBOX_URL", default="")
O2O_SANDBOX_ALLOWED = False  # may a plugin be pointed at the sandbox? development and test say yes
SANDBOX_DIR = Path(env.str("SANDBOX_DIR", default=str(VAR_DIR / "sandbox")))

TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="zh-hans")
LOCALE_PATHS = [str(PROJECT_DIR / "locale")]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"  # Saleor's apps; ours say BigAutoField in their AppConfig

ROOT_URLCONF = "saleor_o2o.urls"
WSGI_APPLICATION = "saleor_o2o.wsgi.application"
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
SECRET_KEY = env.str("SECRET_KEY")

# -- our plugins ------------------------------------------------------------------
#: Python packages below ``plugins/``, in any order: the composition root sorts them by their declared needs.
O2O_PLUGINS = env.list("O2O_PLUGINS", default=[
    "org_hierarchy", "approvals", "login_security", "service_map", "members", "channels", "commissions",
    "counter_sales", "after_sale", "dispatch", "stripe_pay", "wechat_pay", "official_account", "loyalty", "h5",
    "coupons", "memberships", "member_operations", "points_mall", "ticketing", "postal_points",
])  # fmt: skip
DECLARED = compose(tuple(O2O_PLUGINS))
UNFOLD = look(DECLARED)  # the back office's look and navigation

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "saleor_o2o.backoffice.admin_app.SiteConfig",
    "django.contrib.sessions",
    "django.contrib.messages",
    *STOCK_APPS,
    "django_prometheus",
    "saleor_o2o.compat",
    "saleor_o2o.graphql",
    "saleor_o2o",
    *[app for plugin in DECLARED for app in plugin.apps],
    *[plugin.app for plugin in DECLARED],
]

MIDDLEWARE = [
    "saleor_o2o.http.request_id",
    "saleor_o2o.http.plugin_configurations",
    STOCK_MIDDLEWARE[0],  # security
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "saleor_o2o.http.admin_session",  # sessions, CSRF and messages below /admin/ only: the API knows tokens alone
    *[
        # stock's reads the sales in four statements, and again for the answer
        "saleor_o2o.discounts.discounts" if path == "saleor.core.middleware.discounts" else path
        for path in STOCK_MIDDLEWARE[1:]
    ],
]

# The three session layers are there, below /admin/ only (saleor_o2o.http.admin_session): the checks cannot see them.
# Unfold's tags stand in its library and, with one of ours, in `saleor_o2o.backoffice.heading`, which takes its place.
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410", "templates.W003"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(PROJECT_DIR / "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.media",
                "django.template.context_processors.static",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "saleor.site.context_processors.site",
            ],
            "libraries": {"unfold": "saleor_o2o.backoffice.heading"},
        },
    }
]

FORM_RENDERER = "saleor_o2o.backoffice.form_renderer.FormRenderer"

SEARCH_BACKEND = "saleor_o2o.search"
#: Where the stock dashboard is served, if it is: the back office links to it for editing.
O2O_DASHBOARD_URL = env.str("O2O_DASHBOARD_URL", default="")

# -- data -------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# -- files ------------------------------------------------------------------------
MEDIA_ROOT = str(VAR_DIR / "media")
SERVE_MEDIA = env.bool("O2O_SERVE_MEDIA", default=True)  # off where a web server or object store does it
STATIC_ROOT = env.str("O2O_STATIC_ROOT", default="") or str(VAR_DIR / "static")
STATIC_URL = "/static/"
STATICFILES_DIRS = [*globals()["STATICFILES_DIRS"], str(PROJECT_DIR / "saleor_o2o" / "static")]
H5_DIST = PROJECT_DIR / "h5" / "dist"  # the shopper's pages, once they are built (./o2o h5 build)
if H5_DIST.is_dir():
    STATICFILES_DIRS.append(str(H5_DIST))
#: Their names carry a hash of what is in them: whoever has one never asks again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/h5/assets/.+-[\w-]{8}\.\w+$"
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
VERSATILEIMAGEFIELD_SETTINGS = {"create_images_on_demand": True}

# -- identity -----------------------------------------------------------------------
GRAPHQL_JWT = {
    "JWT_PAYLOAD_HANDLER": "saleor.graphql.utils.create_jwt_payload",
    "JWT_EXPIRATION_DELTA": timedelta(days=7),
    "JWT_VERIFY_EXPIRATION": env.bool("JWT_VERIFY_EXPIRATION", default=False),
}
LOGIN_URL = "/admin/login/"
# whoever opens the login page itself has nowhere else to go
LOGIN_REDIRECT_URL = "/admin/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

AUTHENTICATION_BACKENDS = [*STOCK_BACKENDS, *[path for plugin in DECLARED for path in plugin.auth_backends]]
#: May a staff login without a file in the organisation see what stock's permissions say? Development and tests: yes.
O2O_UNASSIGNED_STAFF_GLOBAL = env.bool("O2O_UNASSIGNED_STAFF_GLOBAL", default=False)
#: May a branch stand directly below the city or an area (直属支局)?
O2O_ORG_DIRECT_BRANCHES = env.bool("O2O_ORG_DIRECT_BRANCHES", default=False)

#: The longest that a person may lend a role, in days.
O2O_DELEGATION_MAX_DAYS = env.int("O2O_DELEGATION_MAX_DAYS", default=30)

#: 高德 Web 服务: key, private key of the signature, address. Without a key, development and tests ask the sandbox.
O2O_AMAP = {
    "KEY": env.str("O2O_AMAP_KEY", default=""),
    "SECRET": env.str("O2O_AMAP_SECRET", default=""),
    "BASE_URL": env.str("O2O_AMAP_URL", default=""),
}
#: Questions in a minute: to the map by one shopper or address, and to its provider by one and by all together (0: any).
O2O_MAP_PACE = {
    "ASKED": env.int("O2O_MAP_PER_MINUTE", default=240),
    "LOOKED_UP": env.int("O2O_MAP_LOOKUPS_PER_MINUTE", default=20),
    "LOOKED_UP_BY_ALL": env.int("O2O_MAP_ALL_LOOKUPS_PER_MINUTE", default=120),
}
#: Degrees that the city lies in (GCJ-02): west, south, east, north.
O2O_CITY_BOUNDS = tuple(env.list("O2O_CITY_BOUNDS", cast=float, default=[105.2, 28.1, 110.3, 32.3]))
#: The two digits that the codes of the city's divisions (行政区划) begin with.
O2O_CITY_DIVISION = env.str("O2O_CITY_DIVISION", default="50")

#: Districts of today that were made of several, whose postal centres go on: addresses name the new or the old one.
O2O_MERGED_DISTRICTS = {"两江新区": ["渝北区", "江北区"]}

O2O_LOGIN = {
    #: Failures within the window that lock an account name, or an address (many people may share one).
    "FAILURES": env.int("O2O_LOGIN_FAILURES", default=5),
    "ADDRESS_FAILURES": env.int("O2O_LOGIN_ADDRESS_FAILURES", default=20),
    "WINDOW_MINUTES": env.int("O2O_LOGIN_WINDOW_MINUTES", default=15),
    #: Days without being seen after which a staff account is disabled (0: never), and how long before one is warned.
    "IDLE_DAYS": env.int("O2O_LOGIN_IDLE_DAYS", default=90),
    "IDLE_WARN_DAYS": env.int("O2O_LOGIN_IDLE_WARN_DAYS", default=7),
    #: Proxies of ours in front, each of which appends to X-Forwarded-For.
    "TRUSTED_PROXIES": env.int("O2O_TRUSTED_PROXIES", default=0),
}
if "login_security" in O2O_PLUGINS:
    GRAPHQL_JWT |= {
        "JWT_PAYLOAD_HANDLER": "plugins.login_security.graphql.tokens.make_payload",
        "JWT_PAYLOAD_GET_USERNAME_HANDLER": "plugins.login_security.graphql.tokens.read_claims",
        "JWT_GET_USER_BY_NATURAL_KEY_HANDLER": "plugins.login_security.graphql.tokens.user_of",
    }
    UNFOLD["LOGIN"] = {**UNFOLD["LOGIN"], "form": "plugins.login_security.forms.GuardedLoginForm"}
    AUTH_PASSWORD_VALIDATORS = [
        *STOCK_VALIDATORS,
        {"NAME": "plugins.login_security.validators.StaffPasswordValidator"},
    ]

# -- members ----------------------------------------------------------------------------
#: Text messages: the adapter (a callable without arguments that returns a `plugins.members.ports.SmsGateway`), where it
#: sends, with which key, and the name in front of every message. Without a URL, development and tests ask the sandbox.
O2O_SMS = {
    "GATEWAY": env.str("O2O_SMS_GATEWAY", default="plugins.members.sms_http.gateway"),
    "URL": env.str("O2O_SMS_URL", default=""),
    "KEY": env.str("O2O_SMS_KEY", default=""),
    "SECRET": env.str("O2O_SMS_SECRET", default=""),
    "SIGN": env.str("O2O_SMS_SIGN", default="渝邮生活"),
}
O2O_MEMBERS = {
    #: The version of the members' agreement that new members agree to.
    "AGREEMENT": env.str("O2O_MEMBER_AGREEMENT", default="2026-11"),
    #: Days between the wish to close an account and its end, in which it may be withdrawn.
    "CLOSING_DAYS": env.int("O2O_MEMBER_CLOSING_DAYS", default=15),
}
#: The register of persons: the adapter (a callable without arguments that returns a
#: `plugins.members.realname_ports.PersonRegister`), where it is and with which key. Without a URL, development and
#: tests ask the sandbox.
O2O_REALNAME = {
    "REGISTER": env.str("O2O_REALNAME_REGISTER", default="plugins.members.realname_http.register"),
    "URL": env.str("O2O_REALNAME_URL", default=""),
    "KEY": env.str("O2O_REALNAME_KEY", default=""),
    "SECRET": env.str("O2O_REALNAME_SECRET", default=""),
}

#: The door of points for services of the post: key and secret with which the core system signs. Without them,
#: development and tests take the sandbox's.
O2O_POSTAL_POINTS = {
    "KEY": env.str("O2O_POSTAL_POINTS_KEY", default=""),
    "SECRET": env.str("O2O_POSTAL_POINTS_SECRET", default=""),
}

#: The coach networks: where each is, our key and secret there. Without a URL, development and tests ask the sandbox.
O2O_COACH_NETWORKS = {
    "coach_province": {
        "URL": env.str("O2O_COACH_PROVINCE_URL", default=""),
        "KEY": env.str("O2O_COACH_PROVINCE_KEY", default=""),
        "SECRET": env.str("O2O_COACH_PROVINCE_SECRET", default=""),
    },
    "coach_fangbian": {
        "URL": env.str("O2O_COACH_FANGBIAN_URL", default=""),
        "KEY": env.str("O2O_COACH_FANGBIAN_KEY", default=""),
        "SECRET": env.str("O2O_COACH_FANGBIAN_SECRET", default=""),
    },
}
#: The upstream distributor of scenic tickets: where it is, our account and secret there. Without a URL, development and
#: tests ask the sandbox.
O2O_SCENIC_DISTRIBUTOR = {
    "URL": env.str("O2O_SCENIC_DISTRIBUTOR_URL", default=""),
    "KEY": env.str("O2O_SCENIC_DISTRIBUTOR_KEY", default=""),
    "SECRET": env.str("O2O_SCENIC_DISTRIBUTOR_SECRET", default=""),
}

#: The insurer of tickets: where it is and with which key. Without a URL, development and tests ask the sandbox.
O2O_INSURER = {
    "URL": env.str("O2O_INSURER_URL", default=""),
    "KEY": env.str("O2O_INSURER_KEY", default=""),
    "SECRET": env.str("O2O_INSURER_SECRET", default=""),
}

# Keys of encrypted fields: the first encrypts, every one decrypts. Made by `./o2o manage o2o_keys`.
O2O_FIELD_KEYS = env.list("O2O_FIELD_KEYS", default=[])
O2O_BLIND_INDEX_KEY = env.str("O2O_BLIND_INDEX_KEY", default="")

# -- GraphQL ------------------------------------------------------------------------
O2O_GRAPHQL = {
    "MAX_DEPTH": env.int("O2O_GRAPHQL_MAX_DEPTH", default=20),
    "MAX_COST": env.int("O2O_GRAPHQL_MAX_COST", default=60000),
    "MAX_BATCH": env.int("O2O_GRAPHQL_MAX_BATCH", default=20),
    "DOCUMENT_CACHE_SIZE": env.int("O2O_GRAPHQL_DOCUMENT_CACHE", default=1000),
}

# -- Saleor's plugin interface ------------------------------------------------------
#: Stock plugins that we run in a version of ours, under stock's identifier.
OUR_VERSIONS = {"saleor.plugins.webhook.plugin.WebhookPlugin": "saleor_o2o.webhooks.HeardWebhookPlugin"}
if "stripe_pay" in O2O_PLUGINS:
    OUR_VERSIONS["saleor.payment.gateways.stripe.plugin.StripeGatewayPlugin"] = (
        "plugins.stripe_pay.saleor_plugin.StripePayPlugin"
    )
PLUGINS_MANAGER = "saleor_o2o.plugin_configurations.RequestPluginsManager"
PLUGINS = [
    *[OUR_VERSIONS.get(path, path) for path in STOCK_PLUGINS if "razorpay" not in path],
    *[path for plugin in DECLARED for path in plugin.saleor_plugins],
]

# -- tasks ----------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a killed worker's task is taken up again; every task of ours may run twice
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ALWAYS_EAGER = False
CELERY_BEAT_SCHEDULE = beat_schedule(DECLARED)

# -- cashier ----------------------------------------------------------------------------
O2O_CASHIER = {
    #: Minutes an unpaid order keeps its stock.
    "PAY_MINUTES": env.int("O2O_PAY_MINUTES", default=15),
    #: Days an order waits for a bank transfer that was promised with a voucher.
    "TRANSFER_DAYS": env.int("O2O_TRANSFER_DAYS", default=3),
    #: Seconds after which a silent payment is asked for at the provider.
    "QUERY_AFTER_SECONDS": env.int("O2O_QUERY_AFTER_SECONDS", default=60),
    #: Seconds that a customer has for the password after the payment code was scanned; then the charge is taken back.
    "CODE_WAIT_SECONDS": env.int("O2O_CODE_WAIT_SECONDS", default=45),
}

# -- Tickets ----------------------------------------------------------------------------
O2O_TICKETING = {
    #: Seconds after which a supplier that did not answer is asked what it did.
    "QUERY_AFTER_SECONDS": env.int("O2O_TICKET_QUERY_AFTER_SECONDS", default=90),
    #: Failures in a row after which a supplier is not asked for a while, and for how many minutes.
    "FAILURES_TO_REST": env.int("O2O_TICKET_FAILURES_TO_REST", default=5),
    "REST_MINUTES": env.int("O2O_TICKET_REST_MINUTES", default=10),
    #: Yuan by which a ticket order may cost us more when its hold was lost after the payment; beyond it people decide.
    "ABSORB_YUAN": env.str("O2O_TICKET_ABSORB_YUAN", default="5.00"),
    #: Minutes for which an unpaid order's tickets wait, after the payment's end, for the money that is on its way.
    "GRACE_MINUTES": env.int("O2O_TICKET_GRACE_MINUTES", default=2),
    #: Minutes that people of the issue desk have for a task, and that one of them keeps it for himself.
    "DESK_MINUTES": env.int("O2O_TICKET_DESK_MINUTES", default=15),
    "TAKEN_MINUTES": env.int("O2O_TICKET_TAKEN_MINUTES", default=10),
}

# -- WeChat Pay -------------------------------------------------------------------------
O2O_WECHAT_PAY = {
    #: The most of an order that may be shared with others (set on WeChat's merchant pages; 30 % unless agreed
    #: otherwise).
    "SHARE_RATIO": env.str("O2O_WECHAT_SHARE_RATIO", default="0.30"),
    #: Seconds after the payment before WeChat takes a request to share it.
    "SHARE_AFTER_SECONDS": env.int("O2O_WECHAT_SHARE_AFTER_SECONDS", default=60),
}

# -- ordering -----------------------------------------------------------------------------
O2O_ORDERING = {
    #: Minutes in which the same buyer's same basket looks like a mistake.
    "DUPLICATE_MINUTES": env.int("O2O_DUPLICATE_MINUTES", default=5),
}

# -- counter sales ----------------------------------------------------------------------
O2O_COUNTER = {
    #: The shipping method (by name) of goods that the customer takes along or fetches.
    "PICKUP_METHOD": env.str("O2O_COUNTER_PICKUP_METHOD", default="网点自提"),
    #: What stands before the district in an address typed at a counter.
    "PROVINCE": env.str("O2O_COUNTER_PROVINCE", default="重庆市"),
    #: Minutes after which an order at the counter that nobody pays is cancelled.
    "HOLD_MINUTES": env.int("O2O_COUNTER_HOLD_MINUTES", default=30),
}

"""Settings of the benchmark's servers: development's services, production's speed, one view or the other."""

import os

from settings.development import *  # noqa: F403
from settings.development import MIDDLEWARE, STOCK_PLUGINS

DEBUG = False
TEMPLATES[0]["OPTIONS"]["debug"] = False  # type: ignore[index]  # noqa: F405
# Mails are sent by a worker, as in life; here nobody takes them, and the queue is dropped at the end (arena.servers).
CELERY_TASK_DEFAULT_QUEUE = "bench"
if os.environ.get("O2O_BENCH_VIEW") == "stock":
    ROOT_URLCONF = "benchmarks.stock_urls"
    PLUGINS_MANAGER = "saleor.plugins.manager.PluginsManager"
    PLUGINS = [path for path in STOCK_PLUGINS if "razorpay" not in path]
    MIDDLEWARE = [path.replace("saleor_o2o.discounts.", "saleor.core.middleware.") for path in MIDDLEWARE]
MIDDLEWARE = ["benchmarks.graphql_counting.count_queries", *MIDDLEWARE]
LOGGING = {"version": 1, "disable_existing_loggers": True}

"""The arena's settings, with the bare view beside the platform's addresses."""

from .arena_settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.notify_urls"

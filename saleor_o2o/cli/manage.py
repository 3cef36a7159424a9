"""`./o2o manage …`: Django's commands, with the services they need running."""

import contextlib
import os
import sys

from saleor_o2o.embedded import Profile

from .environment import embedded_environment, settings_module


def run(arguments: list[str]) -> int:
    """Run a management command in this process."""
    for position, argument in enumerate(arguments):
        if argument.startswith("--settings="):
            os.environ["DJANGO_SETTINGS_MODULE"] = argument.partition("=")[2]
        elif argument == "--settings" and position + 1 < len(arguments):
            os.environ["DJANGO_SETTINGS_MODULE"] = arguments[position + 1]
    settings = settings_module()
    with contextlib.ExitStack() as stack:
        # production names its own servers, and must fail without them
        if settings in ("settings.development", "settings.test"):
            profile: Profile = "test" if settings == "settings.test" else "development"
            os.environ.update(stack.enter_context(embedded_environment(profile)))
        from django.core.management import ManagementUtility

        utility = ManagementUtility([os.path.basename(sys.argv[0]), *arguments])  # noqa: PTH119
        utility.prog_name = "./o2o manage"
        utility.execute()
    return 0

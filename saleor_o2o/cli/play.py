"""Plays journeys in a process that has the platform's environment: BASE_URL SANDBOX_URL NAME…"""

import os
import sys


def main(arguments: list[str]) -> int:
    """Hand over to the runner; answers its exit code."""
    base_url, sandbox_url, *names = arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")
    from saleor_o2o.journeys.runner import main as play

    code: int = play(names, base_url, sandbox_url)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

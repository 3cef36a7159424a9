"""Trials in a process, a database and a house of their own: `… killing.lane FIRST LAST [STEP]`.

Prints a line per trial and exits with 1 when any went wrong. `--story NAME` plays that story with every seed's death.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .house import House


def main(argv: Sequence[str]) -> int:
    """Play the trials of a range of seeds."""
    parser = argparse.ArgumentParser(prog="python -m saleor_o2o.journeys.killing.lane", description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("step", type=int, nargs="?", default=1)
    parser.add_argument("--story", default="")
    options = parser.parse_args(list(argv))
    os.nice(10)  # other journeys are played beside it and wait for jobs of the minute most of the time
    set_up()
    from .stories import STORIES
    from .trial import Trials

    wrong = 0
    stories = tuple(story for story in STORIES if options.story in ("", story.__name__))
    with own_house() as found:
        trials = Trials(found, stories=stories)
        for seed in range(options.first, options.last + 1, options.step):
            outcome = trials.run(seed)
            wrong += bool(outcome.faults)
            say(str(outcome))
    return 1 if wrong else 0


def say(text: str) -> None:
    """Tell whoever reads our lines."""
    print(text, flush=True)


def set_up() -> None:
    """Load the platform in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")
    import django

    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)


@contextmanager
def own_house(*further: str) -> Iterator[House]:
    """A house on a database of its own, with the shop of goods and `further` ones, by dotted names."""
    from django.db import connection

    from saleor_o2o.embedded.template import test_database

    from .house import SHOP, house, with_database

    with test_database("o2o_killed_", secrets.token_hex(6), say) as name:
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            with house(with_database(os.environ["DATABASE_URL"], name), say, (SHOP, *further)) as found:
                yield found
        finally:
            connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

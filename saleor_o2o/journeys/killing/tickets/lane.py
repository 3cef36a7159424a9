"""Deaths among coach tickets, in a database and a house of their own: `… killing.tickets.lane EACH`.

Plays so many deaths of each story, prints a line per death and exits with 1 when any went wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..lane import own_house, say, set_up
from .station import STATION


def main(argv: Sequence[str]) -> int:
    """Play them."""
    set_up()
    from .deaths import play, trials_of

    wrong = 0
    with own_house(STATION) as found:
        for outcome in play(trials_of(found), int(argv[0])):
            wrong += bool(outcome.faults)
            say(str(outcome))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

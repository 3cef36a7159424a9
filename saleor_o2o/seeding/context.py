"""What every seed gets: the city's places and people, a voice, and the lock of seeding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from saleor_o2o.kernel.locks import AdvisoryKey

from .regions import Region, region, regions

if TYPE_CHECKING:
    from saleor.account.models import User


class SeedLock(AdvisoryKey):
    """Two people seeding at once: the second waits and finds everything there."""

    CITY = "seeding.city"


@dataclass
class SeedContext:
    """Handed to each ``seed(context)``; a seed creates what is missing and changes nothing else.

    ``passwords`` maps a person's key to a password of the caller's choice; empty means the demo's. ``created``
    counts the rows made in this run by what they are; ``logins`` collects whom one can log in as.
    """

    say: Callable[[str], None]
    passwords: Mapping[str, str] = field(default_factory=dict)
    created: dict[str, int] = field(default_factory=dict)
    logins: list[dict[str, str]] = field(default_factory=list)

    def login(self, who: str, login: str, password: str, where: str) -> str | None:
        """Note a demo login and return its password; with passwords of the caller's own, his or None."""
        if self.passwords:
            return self.passwords.get(who)
        self.logins.append({"who": who, "login": login, "password": password, "where": where})
        return password

    @property
    def regions(self) -> tuple[Region, ...]:
        """The city's districts and counties by code."""
        return regions()

    def region(self, name: str) -> Region:
        """One district or county by full name. Raises KeyError."""
        return region(name)

    def user(self, who: str) -> User:
        """A seeded person by key (``admin``, ``shopper1`` …). Raises KeyError or ``User.DoesNotExist``."""
        from saleor.account.models import User

        from .people import PEOPLE

        return User.objects.get(email={person.who: person.email for person in PEOPLE}[who])

    def count(self, what: str, number: int) -> None:
        """Note that this run made so many rows of something."""
        if number:
            self.created[what] = self.created.get(what, 0) + number

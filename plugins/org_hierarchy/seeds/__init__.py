"""The seeded organisation: a city centre, 4 areas, 38 counties, some 400 branches and 2,000 outlets, with people."""

from __future__ import annotations

from django.db import transaction

from saleor_o2o.seeding.context import SeedContext

from ..locks import lock_tree
from . import people, units


@transaction.atomic
def seed(context: SeedContext) -> None:
    """Create the missing units, departments, posts, roles and people, in one transaction, in bulk.

    Locks: the tree. What is there keeps its name, place, parent and people.
    """
    lock_tree(timeout=60)
    units.seed(context)
    people.seed(context)

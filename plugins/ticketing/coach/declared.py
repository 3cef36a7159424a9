"""The coach's part of the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, Page

_HERE = "plugins.ticketing.coach"
_PAGE = "admin:o2o_coach"

SEEDS = (f"{_HERE}.seeds.seed",)
QUERIES = (f"{_HERE}.graphql.CoachQueries",)
MUTATIONS = (f"{_HERE}.graphql.CoachMutations",)
PAGES: tuple[Page, ...] = ()
BEAT = {
    "coach.sync": Beat(f"{_HERE}.tasks.sync", 6 * 3600),
    "coach.refresh": Beat(f"{_HERE}.tasks.refresh", 1800),
    "coach.forget": Beat(f"{_HERE}.tasks.forget", 86400),
}

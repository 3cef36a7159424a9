"""The company's posts and roles for the seeded city."""

from __future__ import annotations

from saleor_o2o.seeding.context import SeedContext

from .services.templates import ensure_departments, sync_templates

__all__ = ["ensure_departments", "seed_templates"]


def seed_templates(context: SeedContext) -> None:
    """Create the missing posts and their roles; departments come with their units (`ensure_departments`)."""
    made = sync_templates()
    context.count("角色", made["roles"])
    context.count("岗位", made["posts"])

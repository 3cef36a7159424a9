"""People who hold the company's posts, with the rights that the company's templates give."""

from __future__ import annotations

from saleor.account.models import User

from plugins.org_hierarchy.models import OrgUnit
from plugins.org_hierarchy.services.templates import expand, post_templates

from ..orgs import again, person


def holder(unit: OrgUnit, post: str, name: str = "") -> User:
    """Somebody new who holds a seeded post at a unit, as the next request reads him."""
    [template] = [one for one in post_templates() if one.code == post]
    return again(person(unit, name or post, expand(template.patterns), limits=template.limits))

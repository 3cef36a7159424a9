"""Mutations of departments, posts and roles."""

from __future__ import annotations

import graphene

from .org_department_create import OrgDepartmentCreate
from .org_department_set_active import OrgDepartmentSetActive
from .org_department_update import OrgDepartmentUpdate
from .org_post_create import OrgPostCreate
from .org_post_set_active import OrgPostSetActive
from .org_post_update import OrgPostUpdate
from .org_role_create import OrgRoleCreate
from .org_role_set_active import OrgRoleSetActive
from .org_role_update import OrgRoleUpdate


class PostMutations(graphene.ObjectType):
    """What whoever looks after the organisation sets up."""

    org_department_create = OrgDepartmentCreate.Field()
    org_department_set_active = OrgDepartmentSetActive.Field()
    org_department_update = OrgDepartmentUpdate.Field()
    org_post_create = OrgPostCreate.Field()
    org_post_set_active = OrgPostSetActive.Field()
    org_post_update = OrgPostUpdate.Field()
    org_role_create = OrgRoleCreate.Field()
    org_role_set_active = OrgRoleSetActive.Field()
    org_role_update = OrgRoleUpdate.Field()

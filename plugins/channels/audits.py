"""The audit actions of the channels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action

APPLIED = action("channels.applied", _("申请开店"))
CREATED = action("channels.created", _("新建渠道"))
EDITED = action("channels.edited", _("修改渠道"))
MOVED = action("channels.moved", _("渠道状态变更"))
VISITED = action("channels.visited", _("登记走访"))
VISIT_PLANNED = action("channels.visit_planned", _("安排拜访"))
VISIT_CANCELLED = action("channels.visit_cancelled", _("取消拜访计划"))
EXAMINED = action("channels.examined", _("登记培训考试"))
SHOP_MADE = action("channels.shop_made", _("生成微店"))
SHOP_EDITED = action("channels.shop_edited", _("修改微店"))
TRANSFERRED = action("channels.customers_transferred", _("客户移交"))
OWNER_LOGIN = action("channels.owner_login", _("店主登录账号"))
DEVICE = action("channels.device", _("设备流转"))
MATERIAL = action("channels.material", _("物料流转"))
UNMASKED = action("channels.unmasked", _("查看店主完整资料"))
RULE = action("channels.rule", _("修改渠道规则"))
EXPORTED = action("channels.exported", _("导出渠道"))

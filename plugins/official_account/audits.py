"""The audit actions of the official account."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action

ACCOUNT_ADDED = action("official_account.added", _("新增公众号"))
ACCOUNT_EDITED = action("official_account.edited", _("修改公众号"))
SECRET_CHANGED = action("official_account.secret_changed", _("更换公众号密钥"))
PUSH_REFUSED = action("official_account.push_refused", _("公众号推送未通过验证"))
PUSH_GIVEN_UP = action("official_account.push_given_up", _("公众号推送多次处理失败"))
REPLY_SAVED = action("official_account.reply_saved", _("修改自动回复"))
REPLY_DELETED = action("official_account.reply_deleted", _("删除自动回复"))
MENU_SAVED = action("official_account.menu_saved", _("修改公众号菜单"))
MENU_PUBLISHED = action("official_account.menu_published", _("发布公众号菜单"))
MENU_WITHDRAWN = action("official_account.menu_withdrawn", _("撤下公众号菜单"))
TEMPLATE_SAVED = action("official_account.template_saved", _("修改消息模板"))
CODE_MADE = action("official_account.code_made", _("生成带参数二维码"))
CODE_ENDED = action("official_account.code_ended", _("停用带参数二维码"))
TALK_ANSWERED = action("official_account.talk_answered", _("回复粉丝来信"))
TALK_DISMISSED = action("official_account.talk_dismissed", _("来信标为不用回复"))
MATERIAL_ADDED = action("official_account.material_added", _("上传图片素材"))
MATERIAL_REMOVED = action("official_account.material_removed", _("删除图片素材"))
CRAWL_BEGUN = action("official_account.crawl_begun", _("同步公众号粉丝"))
TAG_CHANGED = action("official_account.tag_changed", _("修改粉丝标签"))
REMARK_CHANGED = action("official_account.remark_changed", _("修改粉丝备注"))

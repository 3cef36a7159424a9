"""What is said at the gate, in words, with what to do next."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import SHANGHAI

from ..choices import ProductKind
from ..models import Voucher
from .choices import Answer, PaperWay


def words(answer: Answer, voucher: Voucher | None, admitted: int, left: int) -> tuple[str, str]:
    """What is told, and what to do next."""
    if answer == Answer.PASSED:
        return _("通过 %(count)d 人") % {"count": admitted}, (
            _("还剩 %(left)d 人") % {"left": left} if left else ""
        )
    if voucher is None:
        return str(answer.label), _("请核对后再扫，或请旅客出示订单")
    times = {"from": _local(voucher.valid_from), "until": _local(voucher.valid_until)}
    if answer == Answer.USED:
        if voucher.used_at is None:
            return _("已使用"), ""
        told = {"at": _local(voucher.used_at), "where": voucher.used_where}
        return _("已使用：%(at)s %(where)s") % told, _("人已全部入场；有疑问请找主管查核销记录")
    found = {
        Answer.EARLY: (_("未到有效期：%(from)s 起有效") % times, _("请在有效期内入场")),
        Answer.EXPIRED: (_("已过期：%(until)s 止") % times, _("请看订单能否退票")),
        Answer.REFUNDED: (_("已退票，或正在退票"), _("不能入场")),
        Answer.OTHER_SESSION: (
            _("非本场：%(what)s") % {"what": f"{voucher.session or ''} {times['from']}".strip()},
            _("请按票面场次入场"),
        ),
        Answer.OTHER_GATE: (_("非本门：不能从这里入场"), _gate_hint(voucher)),
        Answer.UNPAID: (_("未支付"), _("请先付款")),
        Answer.PAPER: _paper(voucher),
        Answer.DOCUMENT: (_("证件不符"), _("请出示购票时登记的证件")),
        Answer.PICTURE: (_("请出示动态码，截图无效"), _("请打开订单里的二维码")),
        Answer.TOO_MANY: (_("人数不足：还剩 %(left)d 人") % {"left": left}, _("请按剩余人数核销")),
        Answer.WHOLE: (_("须整单核销：共 %(left)d 人") % {"left": left}, _("请人到齐后一起入场")),
        Answer.VOID: (
            _("已作废：%(why)s") % {"why": voucher.void_why or _("请出示新的码")}, _("请打开订单查看最新凭证"),
        ),
        Answer.GATE_CLOSED: (_("检票口已关闭"), _("请走其他检票口")),
        Answer.NOT_OUT: (_("没有这么多人在场内"), _("请核对人数")),
    }  # fmt: skip
    return found.get(answer, (str(answer.label), ""))


def _paper(voucher: Voucher) -> tuple[str, str]:
    """The guest showed something else than the paper ticket that lets in."""
    if voucher.papered_at is not None:
        told = {"at": _local(voucher.papered_at), "where": voucher.papered_where}
        return _("已换纸票：%(at)s %(where)s") % told, _("请出示纸票；纸票丢失的请到换票窗口找主管")
    if voucher.on_paper == PaperWay.MAIL:
        return _("纸票邮寄的票，还没有寄出"), _("请等收到纸票；急用请联系售票网点")
    return _("还没有换纸票"), _("请先到换票窗口换取纸票")


def _gate_hint(voucher: Voucher) -> str:
    if voucher.product.kind == ProductKind.COMBO:
        return _("联票在每个景区各核销一次：请先选择所在景区的检票口")
    return _("请看票面上的检票口")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"

"""What vouchers add to the plugin's declaration; names only."""

from saleor_o2o.plugin import Beat, Page

_HERE = "plugins.ticketing.admission.vouchers"
_PAGE = "admin:o2o_admission"

QUERIES = (f"{_HERE}.graphql.VoucherQueries",)
MUTATIONS = (f"{_HERE}.graphql.VoucherMutations",)
WAITING = (f"{_HERE}.todo.todo",)
PAGES = (
    Page("验票", "qr_code_scanner", f"{_PAGE}_scan_verify", "voucher.redeem"),
    Page("窗口换票", "confirmation_number", f"{_PAGE}_voucher_exchange", "voucher.exchange"),
    Page("待寄纸票", "local_post_office", f"{_PAGE}_mailing_work", "voucher.exchange"),
    Page("纸票邮寄", "mail", f"{_PAGE}_mailing_changelist", "voucher.view"),
    Page("实名更改", "badge", f"{_PAGE}_namechange_changelist", "voucher.view"),
    Page("电子凭证", "qr_code_2", f"{_PAGE}_voucher_changelist", "voucher.view"),
    Page("检票记录", "history", f"{_PAGE}_scan_changelist", "voucher.view"),
    Page("检票冲突", "warning", f"{_PAGE}_scanconflict_changelist", "voucher.view"),
    Page("核销明细", "receipt_long", f"{_PAGE}_redemption_changelist", "voucher.view"),
    Page("核销结算报表", "monitoring", f"{_PAGE}_redemption_report", "voucher.report"),
    Page("结算单", "request_quote", f"{_PAGE}_settlementsheet_changelist", "voucher.report"),
    Page("结算约定", "handshake", f"{_PAGE}_settlementterm_changelist", "voucher.settle"),
    Page("检票设备", "door_front", f"{_PAGE}_device_changelist", "gate.view"),
    Page("入场规则", "rule", f"{_PAGE}_entryrule_changelist", "voucher.view"),
    Page("凭证密钥", "key", f"{_PAGE}_voucherkey_changelist", "voucher.keys"),
)
BEAT = {
    "ticketing.expire-vouchers": Beat("plugins.ticketing.admission.tasks.expire_vouchers", 3600),
    "ticketing.settle-visits": Beat("plugins.ticketing.admission.tasks.settle_visits", 3600),
}

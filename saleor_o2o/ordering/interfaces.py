"""What plugins may use of ordering; what it tells is in `events.py`.

- placing and handing over: `lock_draft`, `place_draft`, `lock_for_fulfilment`, `fulfil_all`, `order_written`;
- an order's parts: `sub_orders_of`, `sub_order_lines_of`, `profile_of`, `order_by_number`; each part is one seller's,
  from one place, in one way; its total is exact, and the totals sum to the order's;
- `send_part`: what is left of one part leaves;
- its history: `note` writes the timeline (the only way to);
- what goes back: `withdraw` writes that pieces of it will not be sent, or came back, with their money;
- its clocks: `timer` gives the moment at which one runs out, as kept when the order was made; `in_force` picks
  the rule of now among dated ones, for a plugin's own clocks;
- why it ends: `set_reason` before an order is closed; `CancelReason`;
- `take_over`: the rows of orders that were bought and handed over before the platform, many at once;
- `register_open_matter`: what keeps a received part from completing (an open after-sale);
- `register_action`: what else a shopper can do with an order now (apply for after-sale);
- `find_orders`: by what people type or scan; `register_finder` adds a plugin's own words (a slip's code);
- `as_money(slug)`: a product type that is money itself, which coupons never lower; `is_money(slug)`;
  `only_by_name(slug)`: one that is lowered only by coupons that name it or its category; `is_only_by_name(slug)`;
- `register_deductions`: a source of what lowers checkouts beside sales and vouchers (member prices, coupons, points):
  `Source`, `Goods`, `GoodsLine`, `Deduction`, `Answer`, the ranks; `choices_of`/`choose`: what the shopper chose of it;
  `checkout_with_lines`, `reckon_basket` and `goods_of`: a checkout or basket as sources see it;
  `deductions_of`: all that lowers a checkout now; `kept_of`: what lowered orders, by line; `OrderDeduction`;
- `register_holds`: goods that are held before they are bought (`HoldSource`, `HeldLine`, `HeldGoods`), sold at the
  hold's price; `put_into_checkout`: its lines into a stock checkout; `hold_lines`, `mark_held`, `bind_holds`: the till;
- `register_pickup_codes`, `pickup_code_of`: the code by which a buyer fetches the goods, for whoever tells him;
- `register_pickup_places`, `PickupPlace`: where a buyer fetches the goods;
- `register_own_way`, `own_ways_of`: lines that are given back in their plugin's way (tickets), not by after-sale;
- `read_tracking`: carrier and number of what the staff typed as the number of a letter or parcel;
- `register_paymaster`, `paymaster_of`: who took an order's money over a counter and gives it back there.
"""

from __future__ import annotations

from .allocation import lock_stocks
from .baskets import reckon as reckon_basket
from .carts import checkout_with_lines
from .choices import BusinessLine, CancelReason, DeliveryMode, ReceivedBy, State, TimelineKind, TimerKind
from .dated import in_force
from .deductions.choosing import choices_of, choose, put_choices
from .deductions.keeping import Kept, kept_of
from .deductions.reckoning import NONE as NO_DEDUCTIONS
from .deductions.reckoning import Reckoning, ask_sources, deductions_of, goods_of, goods_priced, spread
from .deductions.sources import (
    COUPON,
    EXCHANGE,
    MEMBER_PRICE,
    POINTS,
    VOUCHER,
    Answer,
    Deduction,
    Goods,
    GoodsLine,
    Offered,
    Source,
    Teller,
    as_money,
    is_money,
    is_only_by_name,
    only_by_name,
    register_deductions,
)
from .deductions.taking import keep as keep_deductions
from .deductions.taking import marked, settle_goods
from .error_codes import OrderingErrorCode
from .finding import find_orders
from .holds import HeldGoods, HeldLine, HoldSource, bind_holds, put_into_checkout, register_holds
from .holds import lines_of as hold_lines
from .holds import mark as mark_held
from .locks import lock_sub_orders
from .models import OrderDeduction
from .origin import Made, Origin, order_written
from .parcels import read_tracking
from .seams import (
    Paymaster,
    PickupPlace,
    Taken,
    own_ways_of,
    paymaster_of,
    pickup_code_of,
    register_action,
    register_finder,
    register_open_matter,
    register_own_way,
    register_paymaster,
    register_pickup_codes,
    register_pickup_places,
)
from .selectors import order_by_number, profile_of, sub_order_lines_of, sub_orders_of, timer
from .services.drafts import DraftRefused, lock_draft, place_draft
from .services.fulfilling import FulfilmentRefused, fulfil_all, lock_for_fulfilment
from .services.outcomes import OutcomeUnknown, Settled, settle_with
from .services.recovery import recover
from .services.sending import send_part
from .services.syncing import set_reason, sync_order
from .services.taking_over import Past, take_over
from .services.timeline import note
from .services.withdrawing import withdraw
from .services.writing import WITH_KINDS

__all__ = [
    "COUPON",
    "EXCHANGE",
    "MEMBER_PRICE",
    "NO_DEDUCTIONS",
    "POINTS",
    "VOUCHER",
    "WITH_KINDS",
    "Answer",
    "BusinessLine",
    "CancelReason",
    "Deduction",
    "DeliveryMode",
    "DraftRefused",
    "FulfilmentRefused",
    "Goods",
    "GoodsLine",
    "HeldGoods",
    "HeldLine",
    "HoldSource",
    "Kept",
    "Made",
    "Offered",
    "OrderDeduction",
    "OrderingErrorCode",
    "Origin",
    "OutcomeUnknown",
    "Past",
    "Paymaster",
    "PickupPlace",
    "ReceivedBy",
    "Reckoning",
    "Settled",
    "Source",
    "State",
    "Taken",
    "Teller",
    "TimelineKind",
    "TimerKind",
    "as_money",
    "ask_sources",
    "bind_holds",
    "checkout_with_lines",
    "choices_of",
    "choose",
    "deductions_of",
    "find_orders",
    "fulfil_all",
    "goods_of",
    "goods_priced",
    "hold_lines",
    "in_force",
    "is_money",
    "is_only_by_name",
    "keep_deductions",
    "kept_of",
    "lock_draft",
    "lock_for_fulfilment",
    "lock_stocks",
    "lock_sub_orders",
    "mark_held",
    "marked",
    "note",
    "only_by_name",
    "order_by_number",
    "order_written",
    "own_ways_of",
    "paymaster_of",
    "pickup_code_of",
    "place_draft",
    "profile_of",
    "put_choices",
    "put_into_checkout",
    "read_tracking",
    "reckon_basket",
    "recover",
    "register_action",
    "register_deductions",
    "register_finder",
    "register_holds",
    "register_open_matter",
    "register_own_way",
    "register_paymaster",
    "register_pickup_codes",
    "register_pickup_places",
    "send_part",
    "set_reason",
    "settle_goods",
    "settle_with",
    "spread",
    "sub_order_lines_of",
    "sub_orders_of",
    "sync_order",
    "take_over",
    "timer",
    "withdraw",
]

"""What other plugins may use of ticketing; its own trades use the kernel's modules.

- `rule_for(trade, kind, keys, day)`: the rule for a ticket sold on a day, to be kept as `rule.to_json()`;
- `price_of(rule, facts)`: what it costs, and why; `quote`, `take`: the same with a moment held for five minutes;
- `rule_text(rule)`: the rule as customers read it.
"""

from .kernel.engine import Facts, Fee, Part, Rule, price_of
from .kernel.engine.wording import rule_text
from .kernel.errors import TicketError, TicketErrorCode
from .kernel.selecting import rule_for
from .kernel.services.quotes import Again, Taken, quote, take

__all__ = [
    "Again",
    "Facts",
    "Fee",
    "Part",
    "Rule",
    "Taken",
    "TicketError",
    "TicketErrorCode",
    "price_of",
    "quote",
    "rule_for",
    "rule_text",
    "take",
]

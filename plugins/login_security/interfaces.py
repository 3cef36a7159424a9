"""What other plugins may use of login security: counted failures, where a request comes from, shoppers' logins."""

from .errors import LockedOut
from .models import Way
from .places import Place, place_of
from .services import throttle
from .shoppers import Claims, ShopperLogins, use_shopper_logins

__all__ = [
    "Claims",
    "LockedOut",
    "Place",
    "ShopperLogins",
    "Way",
    "place_of",
    "throttle",
    "use_shopper_logins",
]

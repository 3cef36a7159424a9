"""Pages of after-sale; importing registers them."""

from . import complaints, rules, sales, serving

serving.install()

__all__ = ["complaints", "rules", "sales"]

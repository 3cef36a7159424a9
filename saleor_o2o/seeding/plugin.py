"""The declaration of the core part seeding.

The city itself is seeded by ``manage seed_city`` before any plugin's seeds: plugins find its rows there.
"""

from saleor_o2o.plugin import Plugin

plugin = Plugin(name="seeding", title="示例城市", app="saleor_o2o.seeding")

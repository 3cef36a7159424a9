"""The declaration of the core part ``kernel``."""

from saleor_o2o.plugin import Beat, Plugin

plugin = Plugin(
    name="kernel",
    title="内核",
    app="saleor_o2o.kernel",
    beat={
        "kernel.deliver-pending-events": Beat("o2o_kernel.deliver_pending_events", 15),
        "kernel.purge-idempotency": Beat("o2o_kernel.purge_idempotency", 3600),
    },
)

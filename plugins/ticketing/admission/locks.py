"""Named locks of admission."""

from __future__ import annotations

from saleor_o2o.kernel.locks import AdvisoryKey


class AdmissionLock(AdvisoryKey):
    """LINE: who chooses seats in a row of a session (`session:zone:line`).

    Two who choose in one row at a time would each see what the other one is about to take as free, and leave a single
    seat between them.
    """

    LINE = "admission.line"

"""Named locks of members, where no single row can be locked. Order: member (by key) → identity → code → session."""

from __future__ import annotations

from saleor_o2o.kernel.locks import AdvisoryKey


class MemberLock(AdvisoryKey):
    """CODES: whoever asks for a code, per number, network and device: counted and written by one at a time."""

    CODES = "members.codes"

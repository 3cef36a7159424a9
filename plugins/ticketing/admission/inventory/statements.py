"""The statements that many people wait for, by hand and prepared: one round trip where the ORM takes three."""

from __future__ import annotations

from saleor_o2o.kernel.prepared import Prepared

#: Seats of one row, all of them or none, and only while as many seats between two places are free as whoever chose saw.
#: What another transaction has locked does not count: nobody waits here. Run after the row's lock, so that it sees all
#: that was sold in the row before. With the seats go the records of the hold, where these are all of its seats.
TAKE_SEATS = Prepared(
    "admission_take",
    """
WITH wanted AS (
    SELECT id FROM o2o_admission_sessionseat
    WHERE session_id = %(session)s AND seat_id = ANY(%(seats)s) AND category = %(category)s AND state = 'free'
    ORDER BY id FOR UPDATE SKIP LOCKED
), around AS (
    SELECT count(*) AS free FROM o2o_admission_sessionseat
    WHERE session_id = %(session)s AND zone = %(zone)s AND line = %(line)s AND state = 'free'
      AND category = %(category)s AND place BETWEEN %(first)s AND %(last)s
), taken AS (
    UPDATE o2o_admission_sessionseat AS seat
    SET state = 'held', hold = %(hold)s, until = %(until)s, ticket_class_id = told.class
    FROM unnest(%(seats)s, %(classes)s) AS told(seat, class)
    WHERE seat.id IN (SELECT id FROM wanted) AND seat.seat_id = told.seat
      AND (SELECT count(*) FROM wanted) = %(count)s
      AND (%(free)s IS NULL OR (SELECT free FROM around) = %(free)s)
    RETURNING seat.seat_id
), noted AS (
    INSERT INTO o2o_admission_taking
        (hold, ticket_class_id, session_id, slot_id, day, channel, quantity, quotas, state, until, made_at)
    SELECT %(hold)s, one.class, %(session)s, one.slot, one.day, one.channel, one.quantity, one.quotas::bigint[], 'held',
        %(until)s, %(now)s
    FROM unnest(
        %(n_class)s, %(n_slot)s, %(n_day)s, %(n_channel)s, %(n_quantity)s, %(n_quotas)s
    ) AS one(class, slot, day, channel, quantity, quotas)
    WHERE (SELECT count(*) FROM taken) = %(count)s
)
SELECT count(*) FROM taken
""",
    {
        "session": "bigint", "category": "text", "zone": "text", "line": "int", "seats": "bigint[]",
        "classes": "bigint[]", "count": "bigint", "hold": "text", "until": "timestamptz", "now": "timestamptz",
        "first": "int", "last": "int", "free": "bigint", "n_class": "bigint[]", "n_slot": "bigint[]",
        "n_day": "date[]", "n_channel": "text[]", "n_quantity": "int[]", "n_quotas": "text[]",
    },
    generic=True,
)  # fmt: skip

#: Free seats of a category, the nearest to the stage first: their zone, and row and place in one number (row * 65536 +
#: place).
FREE_SEATS = Prepared(
    "admission_free",
    """
SELECT zone, line::int * 65536 + place FROM o2o_admission_sessionseat
WHERE session_id = %(session)s AND category = %(category)s AND state = 'free'
ORDER BY line, place LIMIT %(most)s
""",
    {"session": "bigint", "category": "text", "most": "bigint"},
)

#: What counts a wish; also of what it asks at once with the seats below.
_QUOTAS = """o2o_admission_quota AS quota WHERE quota.product_id = %(product)s
  AND (quota.day IS NULL OR quota.day = %(day)s)
  AND (quota.session_id IS NULL OR quota.session_id = %(session)s)
  AND (quota.slot_id IS NULL OR quota.slot_id = %(slot)s)
  AND quota.channel IN ('', %(channel)s)
  AND (quota.for_all OR EXISTS (
    SELECT 1 FROM o2o_admission_quota_classes AS one WHERE one.quota_id = quota.id AND one.ticketclass_id = %(class)s
  ))"""
_WISH = {
    "product": "bigint", "day": "date", "session": "bigint", "slot": "bigint", "channel": "text", "class": "bigint",
}  # fmt: skip
#: The quotas of a wish, how many are left as everybody can see them, and its session's state; one row without a quota.
QUOTAS = Prepared(
    "admission_quotas",
    f"""
SELECT quota.id, quota.spare, (SELECT state FROM o2o_admission_session WHERE id = %(session)s)
FROM (SELECT 1) AS wish
LEFT JOIN (SELECT quota.id, quota.capacity - quota.taken AS spare FROM {_QUOTAS}) AS quota ON true
ORDER BY quota.id
""",  # noqa: S608 - our own text
    _WISH,
)

#: The first of some rows of seats in which nobody is choosing: which one it was stands in a setting of the transaction,
#: for the statement that goes along and sees the row as it is under its lock.
LOCK_LINE = Prepared(
    "admission_line",
    """
SELECT set_config('o2o.line', coalesce((
    SELECT at::text FROM unnest(%(lines)s) WITH ORDINALITY AS one(number, at)
    WHERE pg_try_advisory_xact_lock(number) LIMIT 1
), ''), true)
""",
    {"lines": "bigint[]"},
)
#: A row that turns out not to do is let go at once: whoever waits for another one must not keep it.
TRY_LINE = "SAVEPOINT o2o_line; "
LET_GO = "ROLLBACK TO SAVEPOINT o2o_line; RELEASE SAVEPOINT o2o_line"
KEEP_LINE = "RELEASE SAVEPOINT o2o_line; "
#: All that one class's seats are chosen by, at once: the row that `LOCK_LINE` got, the session's state, the quotas with
#: what is left of each, and the free seats of the category, the nearest to the stage first, as `FREE_SEATS` tells
#: them, their zone once where it is the same for all.
SEATS = Prepared(
    "admission_seats",
    f"""
SELECT current_setting('o2o.line'), (SELECT state FROM o2o_admission_session WHERE id = %(session)s),
    (SELECT array_agg(ARRAY[quota.id, quota.capacity - quota.taken] ORDER BY quota.id) FROM {_QUOTAS}),
    CASE WHEN min(free.zone) = max(free.zone) THEN ARRAY[min(free.zone)] ELSE array_agg(free.zone) END,
    array_agg(free.line::int * 65536 + free.place)
FROM (
    SELECT zone, line, place FROM o2o_admission_sessionseat
    WHERE session_id = %(session)s AND category = %(category)s AND state = 'free'
    ORDER BY line, place LIMIT %(most)s
) AS free
""",  # noqa: S608 - our own text
    {**_WISH, "category": "text", "most": "bigint"},
    generic=True,
)

TAKE_UNITS = "UPDATE o2o_admission_quota SET taken = taken + %s WHERE id = %s AND taken + %s <= capacity"
PUT_BACK = "UPDATE o2o_admission_quota SET taken = taken - %s WHERE id = %s"

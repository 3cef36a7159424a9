-- What one hold of two seats writes, by hand, in one durable transaction: `./o2o bench holds` runs it with pgbench.
-- The same rows as `hold_admission`: a ticket order, two tickets, two seats of the session, the record of the hold, and
-- the session's quota where there is one. It looks for nothing, checks nothing and is given its seats.
-- Told: session, class, variant, supplier, unit, first (key of the session's first seat), quota (0: none), each (how many
-- a client sells) and n (-1).
\set n :n + 1
\set left :first + 2 * (:client_id * :each + :n)
\set right :left + 1
BEGIN;
INSERT INTO o2o_ticketing_ticketorder (
    number, request_key, trade, state, title, key, place, starts_at, ends_at, supplier_id, product, candidates,
    their_number, unit_id, contact, mobile, mobile_index, face, service, total, held_until, supplier_until, pick_code,
    why, made_at, no_trip
) VALUES (
    'R' || :left, 'raw-' || :left, 'show', 'held', '性能测试音乐会 12-31 19:30', 'session:' || :session,
    '{"product": 1, "code": "bench", "name": "性能测试音乐会", "kind": "show", "session": 1, "session_name": "", "slot": null, "day": "2026-12-31", "place": "测试剧院", "address": "重庆市", "hall": "大厅"}',
    now() + interval '20 days', now() + interval '20 days 2 hours', :supplier,
    '{"product": 1, "session": 1, "seat_map": 1, "slot": null, "day": "2026-12-31", "channel": "online", "classes": {"a": [1, "A"]}}',
    '[{"supplier": "OWN-SHOW", "product": {"product": 1, "session": 1, "seat_map": 1, "slot": null, "day": "2026-12-31", "channel": "online", "classes": {"a": [1, "A"]}}, "costs": {"a": "0.00"}}]',
    'R' || :left, :unit, '', repeat('x', 100), md5(:left::text) || md5('mobile'), 760, 0, 760,
    now() + interval '15 minutes', now() + interval '15 minutes', '', '', now(), false
) RETURNING id AS order_id
\gset
INSERT INTO o2o_ticketing_ticket (
    number, ticket_order_id, state, fare, fare_name, variant_id, seat, face, service, price, cost, full_fare,
    their_number, refund_rule, change_rule, valid_from, valid_until, uses, used, back, changes
)
SELECT 'R' || seat, :order_id, 'held', 'a', 'A 区', :variant, '池座1排1座', 380, 0, 380, 0, 380, '',
    :rule, NULL, now(), now() + interval '21 days', 1, 0, 0, 0
FROM unnest(ARRAY[:left, :right]) AS seat;
UPDATE o2o_admission_sessionseat
SET state = 'held', hold = 'R' || :left, until = now() + interval '15 minutes', ticket_class_id = :class
WHERE id IN (:left, :right) AND state = 'free';
INSERT INTO o2o_admission_taking
    (hold, ticket_class_id, session_id, slot_id, day, channel, quantity, quotas, state, until, made_at)
VALUES ('R' || :left, :class, :session, NULL, NULL, 'online', 2, '{}', 'held', now() + interval '15 minutes', now());
\if :quota
UPDATE o2o_admission_quota SET taken = taken + 2 WHERE id = :quota AND taken + 2 <= capacity;
\endif
COMMIT;

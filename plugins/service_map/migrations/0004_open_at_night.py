"""The search for what is open at night starts from who is open at all, by an index of the hours."""

from importlib import import_module

from django.db import migrations

# The function of migration 0003 with one more way: where the walk did not find enough that is open, and at most 2,000
# places are open at all, those are looked at. Otherwise the sweep of the radius, as before.
CREATE = """
CREATE INDEX o2o_map_open_week ON o2o_service_map_place USING gist (open_week) WHERE status = 'listed';
CREATE INDEX o2o_map_dates ON o2o_service_map_place USING gin ((hours -> 'dates')) WHERE status = 'listed';

-- Whoever may be open: by the week's hours, or by special ones of these days; at most 2,001 of each kind. The planner
-- does not know how few that is at night and would read the whole table.
CREATE FUNCTION o2o_map_open_at(in_week integer, days text[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN ARRAY(
        (SELECT q.id FROM o2o_service_map_place q
         WHERE q.status = 'listed' AND q.open_week @> in_week LIMIT 2001)
        UNION
        (SELECT q.id FROM o2o_service_map_place q
         WHERE q.status = 'listed' AND q.hours -> 'dates' ?| days LIMIT 2001)
    );
END
$$;

CREATE OR REPLACE FUNCTION o2o_map_nearest(
    here_lat double precision, here_lng double precision, radius double precision, kinds varchar[], scopes varchar[],
    moment timestamp, open_now boolean, most integer
) RETURNS TABLE (
    id bigint, lng double precision, lat double precision, kind varchar, name varchar, unit_id bigint, unit_code varchar,
    address varchar, business_scope varchar[], hours jsonb, phone varchar
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    here cube := o2o_map_point(here_lat, here_lng);
    today date := moment::date;
    days text[] := ARRAY[to_char(moment, 'YYYY-MM-DD'), to_char(moment - interval '1 day', 'YYYY-MM-DD')];
    weekday integer := extract(isodow FROM moment);
    minute integer := extract(hour FROM moment) * 60 + extract(minute FROM moment);
    in_week integer := (weekday - 1) * 1440 + minute;
    found bigint[];
    few bigint[];
    swept boolean := false;
BEGIN
    IF kinds = ARRAY['outlet']::varchar[] THEN
        found := ARRAY(
            SELECT p.id FROM (
                SELECT q.id, q.listed_from, q.business_scope, q.hours, q.open_week,
                       o2o_map_point(q.lat, q.lng) <-> here AS chord
                FROM o2o_service_map_place q WHERE q.status = 'listed' AND q.kind = 'outlet' ORDER BY chord LIMIT 500
            ) AS p
            WHERE {wanted} ORDER BY p.chord LIMIT most
        );
    ELSE
        found := ARRAY(
            SELECT p.id FROM (
                SELECT q.id, q.kind, q.listed_from, q.business_scope, q.hours, q.open_week,
                       o2o_map_point(q.lat, q.lng) <-> here AS chord
                FROM o2o_service_map_place q WHERE q.status = 'listed' ORDER BY chord LIMIT 500
            ) AS p
            WHERE p.kind = ANY(kinds) AND {wanted} ORDER BY p.chord LIMIT most
        );
    END IF;
    IF cardinality(found) < most AND open_now THEN
        -- at night few are open in the whole city: the index of the hours finds them sooner than the box does
        few := o2o_map_open_at(in_week, days);
        IF cardinality(few) <= 2000 THEN
            found := ARRAY(
                SELECT p.id FROM o2o_service_map_place p
                WHERE p.id = ANY(few) AND p.status = 'listed' AND p.kind = ANY(kinds)
                  AND o2o_map_box(here, radius) @> o2o_map_point(p.lat, p.lng) AND {wanted}
                ORDER BY o2o_map_point(p.lat, p.lng) <-> here LIMIT most
            );
            swept := true;
        END IF;
    END IF;
    IF cardinality(found) < most AND NOT swept THEN
        found := ARRAY(
            WITH hits AS MATERIALIZED (
                SELECT p.id, p.lat, p.lng FROM o2o_service_map_place p
                WHERE p.status = 'listed' AND o2o_map_box(here, radius) @> o2o_map_point(p.lat, p.lng)
                  AND p.kind = ANY(kinds) AND {wanted}
            )
            SELECT hits.id FROM hits ORDER BY o2o_map_point(hits.lat, hits.lng) <-> here LIMIT most
        );
    END IF;
    RETURN QUERY
        SELECT p.id, p.lng, p.lat, p.kind, p.name, p.unit_id, u.code, p.address, p.business_scope, p.hours, p.phone
        FROM unnest(found) WITH ORDINALITY AS ranked(id, rank)
        JOIN o2o_service_map_place p ON p.id = ranked.id
        JOIN o2o_org_hierarchy_orgunit u ON u.id = p.unit_id
        ORDER BY ranked.rank;
END
$$;
""".replace(
    "{wanted}",
    """p.listed_from <= today AND (scopes IS NULL OR p.business_scope @> scopes)
              AND (NOT open_now OR CASE
                  -- special hours of today or yesterday are worked out; every other day is a look into a range
                  WHEN p.hours -> 'dates' ?| days THEN o2o_map_open_on(p.hours, days[1], days[2], weekday, minute)
                  ELSE p.open_week @> in_week END)""",
)

_EARLIER = import_module("plugins.service_map.migrations.0003_nearest")

UNDO = "DROP INDEX o2o_map_open_week; DROP INDEX o2o_map_dates;" + _EARLIER.CREATE.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    """Adds two indexes and renews the function; reversible."""

    dependencies = [("o2o_service_map", "0003_nearest")]

    operations = [migrations.RunSQL(CREATE, UNDO)]

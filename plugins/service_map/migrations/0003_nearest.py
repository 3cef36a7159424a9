"""The search for the nearest places, as a function whose plans PostgreSQL keeps for the life of a connection."""

from django.db import migrations

# Planning such a statement takes longer than running it. The planner may not choose a plan for each call anew:
# the general one is the right one, for the walk's limit is written down and the sweep's box is always selective.
#
# The walk goes along the index outwards, over at most 500 places. The sweep looks at everything within the radius,
# where the walk did not find enough. The walk's conditions are those of its partial index, word for word.
CREATE = """
CREATE FUNCTION o2o_map_nearest(
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
    IF cardinality(found) < most THEN
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

DROP = """
DROP FUNCTION o2o_map_nearest(
    double precision, double precision, double precision, varchar[], varchar[], timestamp, boolean, integer
);
"""


class Migration(migrations.Migration):
    """Adds the function; reversible."""

    dependencies = [("o2o_service_map", "0002_open_week")]

    operations = [migrations.RunSQL(CREATE, DROP)]

"""Opening hours as a range of the week's minutes, kept by PostgreSQL, and a function for special dates."""

from django.db import migrations

CREATE = """
CREATE FUNCTION o2o_map_minutes(clock text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT split_part(clock, ':', 1)::integer * 60 + split_part(clock, ':', 2)::integer
$$;

-- A span that does not end after it starts goes over midnight.
CREATE FUNCTION o2o_map_spans(spans jsonb) RETURNS SETOF int4range LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT int4range(a, CASE WHEN b > a THEN b ELSE b + 1440 END)
    FROM jsonb_array_elements(CASE WHEN jsonb_typeof(spans) = 'array' THEN spans ELSE '[]' END) AS span,
         o2o_map_minutes(span ->> 0) AS a, o2o_map_minutes(span ->> 1) AS b
$$;

-- Minutes from Monday's midnight; what runs over Sunday's midnight is the beginning of the week.
CREATE FUNCTION o2o_map_open_week(hours jsonb) RETURNS int4multirange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH spans AS (
        SELECT (day - 1) * 1440 + lower(span) AS a, (day - 1) * 1440 + upper(span) AS b
        FROM generate_series(1, 7) AS day, o2o_map_spans(hours -> day::text) AS span
    )
    SELECT COALESCE(range_agg(span), '{}') FROM (
        SELECT int4range(a, LEAST(b, 10080)) AS span FROM spans
        UNION ALL SELECT int4range(0, b - 10080) FROM spans WHERE b > 10080
    ) AS parts
$$;

CREATE FUNCTION o2o_map_open_on(hours jsonb, today text, yesterday text, weekday integer, minute integer)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT 1 FROM o2o_map_spans(COALESCE(hours -> 'dates' -> today, hours -> weekday::text)) AS span
        WHERE span @> minute
    ) OR EXISTS (
        SELECT 1 FROM o2o_map_spans(
            COALESCE(hours -> 'dates' -> yesterday, hours -> ((weekday + 5) % 7 + 1)::text)) AS span
        WHERE span @> minute + 1440
    )
$$;

ALTER TABLE o2o_service_map_place
    ADD COLUMN open_week int4multirange GENERATED ALWAYS AS (o2o_map_open_week(hours)) STORED;
"""

DROP = """
ALTER TABLE o2o_service_map_place DROP COLUMN open_week;
DROP FUNCTION o2o_map_open_on(jsonb, text, text, integer, integer);
DROP FUNCTION o2o_map_open_week(jsonb);
DROP FUNCTION o2o_map_spans(jsonb);
DROP FUNCTION o2o_map_minutes(text);
"""


class Migration(migrations.Migration):
    """Adds the generated column ``open_week`` to places; reversible."""

    dependencies = [("o2o_service_map", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]

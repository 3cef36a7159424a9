"""A calendar of holidays, and the search for what is open that knows it."""

from importlib import import_module

from django.db import migrations, models

import saleor_o2o.kernel.clock

# On a day that the calendar names, and on the day after it, hours are worked out for each place; every other day is a
# look into a range, as before. `o2o_map_open_on` is told what today and yesterday are.
_ON = """
CREATE FUNCTION o2o_map_day(hours jsonb, day text, weekday integer, day_kind text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(
        hours -> 'dates' -> day,
        CASE day_kind
            WHEN 'holiday' THEN COALESCE(hours -> 'holiday', hours -> '7')
            WHEN 'workday' THEN COALESCE(hours -> 'workday', hours -> '5')
            ELSE hours -> weekday::text
        END
    )
$$;

CREATE FUNCTION o2o_map_open_on(
    hours jsonb, days text[], weekday integer, minute integer, day_kinds text[]
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT 1 FROM o2o_map_spans(o2o_map_day(hours, days[1], weekday, day_kinds[1])) AS span WHERE span @> minute
    ) OR EXISTS (
        SELECT 1 FROM o2o_map_spans(o2o_map_day(hours, days[2], (weekday + 5) % 7 + 1, day_kinds[2])) AS span
        WHERE span @> minute + 1440
    )
$$;

CREATE INDEX o2o_map_holiday ON o2o_service_map_place (id)
    WHERE status = 'listed' AND hours ?| ARRAY['holiday', 'workday'];

-- The minute of a week in which a day of a kind is like another weekday.
CREATE FUNCTION o2o_map_in_week(weekday integer, day_kind text, minute integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((CASE day_kind WHEN 'holiday' THEN 7 WHEN 'workday' THEN 5 ELSE weekday END - 1) * 1440 + minute) % 10080
$$;

DROP FUNCTION o2o_map_open_at(integer, text[]);

-- Whoever may be open: by the week's hours at one of the minutes (today's, yesterday's going on), by special ones of
-- these days, by hours written for holidays; at most 2,001 of each kind. The planner does not know how few that is at
-- night and would read the whole table.
CREATE FUNCTION o2o_map_open_at(minutes integer[], days text[], special boolean) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN ARRAY(
        (SELECT q.id FROM o2o_service_map_place q
         WHERE q.status = 'listed' AND q.open_week @> minutes[1] LIMIT 2001)
        UNION
        (SELECT q.id FROM o2o_service_map_place q
         WHERE special AND q.status = 'listed' AND q.open_week @> minutes[2] LIMIT 2001)
        UNION
        (SELECT q.id FROM o2o_service_map_place q
         WHERE special AND q.status = 'listed' AND q.hours ?| ARRAY['holiday', 'workday'] LIMIT 2001)
        UNION
        (SELECT q.id FROM o2o_service_map_place q
         WHERE q.status = 'listed' AND q.hours -> 'dates' ?| days LIMIT 2001)
    );
END
$$;
"""

_EARLIER = import_module("plugins.service_map.migrations.0004_open_at_night")
_NEAREST_AT = _EARLIER.CREATE.index("CREATE OR REPLACE FUNCTION o2o_map_nearest(")


def _changed(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each piece replaced; raises ValueError for a piece that is not there."""
    for old, new in pairs:
        if old not in text:
            raise ValueError(f"not in the earlier function: {old}")
        text = text.replace(old, new)
    return text


_NEAREST = _changed(
    _EARLIER.CREATE[_NEAREST_AT:],
    (
        "    few bigint[];\n",
        """    few bigint[];
    day_kinds text[] := ARRAY[
        (SELECT c.kind FROM o2o_service_map_calendarday c WHERE c.day = moment::date),
        (SELECT c.kind FROM o2o_service_map_calendarday c WHERE c.day = moment::date - 1)
    ];
    special boolean := day_kinds[1] IS NOT NULL OR day_kinds[2] IS NOT NULL;
""",
    ),
    (
        "few := o2o_map_open_at(in_week, days);",
        """few := o2o_map_open_at(ARRAY[
            o2o_map_in_week(weekday, day_kinds[1], minute),
            o2o_map_in_week((weekday + 5) % 7 + 1, day_kinds[2], minute + 1440)
        ], days, special);""",
    ),
    (
        "WHEN p.hours -> 'dates' ?| days THEN o2o_map_open_on(p.hours, days[1], days[2], weekday, minute)",
        "WHEN special OR p.hours -> 'dates' ?| days"
        " THEN o2o_map_open_on(p.hours, days, weekday, minute, day_kinds)",
    ),
    (
        "-- special hours of today or yesterday are worked out",
        "-- holidays, and special hours of today or yesterday, are worked out",
    ),
)

_OPEN_AT = _EARLIER.CREATE[_EARLIER.CREATE.index("-- Whoever may be open") : _NEAREST_AT]

UNDO = (
    "DROP FUNCTION o2o_map_open_at(integer[], text[], boolean);"
    + _OPEN_AT
    + _EARLIER.CREATE[_NEAREST_AT:]
    + """
DROP INDEX o2o_map_holiday;
DROP FUNCTION o2o_map_in_week(integer, text, integer);
DROP FUNCTION o2o_map_open_on(jsonb, text[], integer, integer, text[]);
DROP FUNCTION o2o_map_day(jsonb, text, integer, text);
"""
)


class Migration(migrations.Migration):
    """Adds the calendar and renews the search; reversible."""

    dependencies = [("o2o_service_map", "0004_open_at_night")]

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                (
                    "kind",
                    models.CharField(
                        choices=[("holiday", "放假"), ("workday", "调休上班")],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(help_text="如：国庆节", max_length=40, verbose_name="名称")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="如：国务院办公厅通知的日期",
                        max_length=120,
                        verbose_name="依据",
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=saleor_o2o.kernel.clock.now, editable=False, verbose_name="更新时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "节假日",
                "verbose_name_plural": "节假日",
                "ordering": ("day",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["holiday", "workday"])), name="o2o_map_calendar_kind"
                    )
                ],
            },
        ),
        migrations.RunSQL(_ON + _NEAREST, UNDO),
    ]

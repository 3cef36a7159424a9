from django.db import migrations

TABLES = (
    "o2o_loyalty_entry",
    "o2o_loyalty_line",
    "o2o_loyalty_draw",
    "o2o_loyalty_levelmove",
)
# The function is the kernel's: what was booked is never changed, another booking corrects it.
CREATE = "\n".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();"
    for table in TABLES
)
DROP = "\n".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES)

# All lines of an entry are written by one statement and sum to nothing; lines that come later must do so, too.
BALANCED = """
CREATE FUNCTION o2o_loyalty_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added GROUP BY entry_id HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'the lines of an entry do not balance' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER o2o_loyalty_line_balanced AFTER INSERT ON o2o_loyalty_line
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION o2o_loyalty_refuse_unbalanced();
"""
UNBALANCED = """
DROP TRIGGER o2o_loyalty_line_balanced ON o2o_loyalty_line;
DROP FUNCTION o2o_loyalty_refuse_unbalanced();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_loyalty", "0001_initial"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP), migrations.RunSQL(BALANCED, UNBALANCED)]

from django.db import migrations

CREATE = """
CREATE FUNCTION o2o_kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER o2o_audit_append_only BEFORE UPDATE OR DELETE ON o2o_kernel_auditentry
    FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();
"""

DROP = """
DROP TRIGGER o2o_audit_append_only ON o2o_kernel_auditentry;
DROP FUNCTION o2o_kernel_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("o2o_kernel", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]

from django.db import migrations

# The function is the kernel's: entries of a deposit and prices are never changed, another row follows.
TABLES = ("resellerentry", "resellerprice")
CREATE = "".join(
    f"CREATE TRIGGER o2o_resale_{table}_append_only BEFORE UPDATE OR DELETE ON o2o_resale_{table}"
    f" FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();"
    for table in TABLES
)
DROP = "".join(f"DROP TRIGGER o2o_resale_{table}_append_only ON o2o_resale_{table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_resale", "0001_initial"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]

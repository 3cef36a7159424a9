from django.db import migrations

TABLES = (
    "o2o_counter_sales_floatmovement",
    "o2o_counter_sales_cashreceipt",
    "o2o_counter_sales_salerefund",
)
# The function is the kernel's: what was booked is never changed, another booking corrects it.
CREATE = "\n".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();"
    for table in TABLES
)
DROP = "\n".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_counter_sales", "0001_initial"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]

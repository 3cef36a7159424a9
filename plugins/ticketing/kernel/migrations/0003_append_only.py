from django.db import migrations

# The function is the kernel's: what was booked is never changed, another booking corrects it.
CREATE = (
    "CREATE TRIGGER o2o_ticketing_feeline_append_only BEFORE UPDATE OR DELETE ON o2o_ticketing_feeline"
    " FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();"
)
DROP = "DROP TRIGGER o2o_ticketing_feeline_append_only ON o2o_ticketing_feeline;"


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_ticketing", "0002_orders"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]

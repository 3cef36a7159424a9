from django.db import migrations

# The function is the kernel's. A bill that is here, its lines, and a key's content are what they were for ever.
CREATE = """
CREATE TRIGGER o2o_wechat_pay_billline_append_only BEFORE UPDATE OR DELETE ON o2o_wechat_pay_billline
    FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();
CREATE TRIGGER o2o_wechat_pay_bill_final BEFORE UPDATE OR DELETE ON o2o_wechat_pay_bill
    FOR EACH ROW WHEN (OLD.state IN ('stored', 'empty')) EXECUTE FUNCTION o2o_kernel_refuse_change();
"""
DROP = """
DROP TRIGGER o2o_wechat_pay_billline_append_only ON o2o_wechat_pay_billline;
DROP TRIGGER o2o_wechat_pay_bill_final ON o2o_wechat_pay_bill;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_wechat_pay", "0002_first_account"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]

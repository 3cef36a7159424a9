from django.db import migrations, models

# The function is the kernel's. A person who is deleted leaves what was said: only the author may become nobody.
CREATE = """
CREATE TRIGGER o2o_statement_append_only BEFORE UPDATE ON o2o_after_sale_statement
    FOR EACH ROW WHEN (
        (OLD.complaint_id, OLD.party, OLD.text, OLD.at) IS DISTINCT FROM (NEW.complaint_id, NEW.party, NEW.text, NEW.at)
        OR (NEW.author_id IS NOT NULL AND NEW.author_id IS DISTINCT FROM OLD.author_id)
    ) EXECUTE FUNCTION o2o_kernel_refuse_change();
CREATE TRIGGER o2o_statement_stays BEFORE DELETE ON o2o_after_sale_statement
    FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();
"""
DROP = """
DROP TRIGGER o2o_statement_stays ON o2o_after_sale_statement;
DROP TRIGGER o2o_statement_append_only ON o2o_after_sale_statement;
"""


class Migration(migrations.Migration):
    """Creates two triggers; reversible."""

    dependencies = [
        ("o2o_after_sale", "0001_initial"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.AlterField(
            model_name="clockrule",
            name="line",
            field=models.CharField(
                blank=True,
                choices=[
                    ("goods", "商品"),
                    ("air", "航空客票"),
                    ("coach", "公路客票"),
                    ("train", "铁路客票"),
                    ("ticket", "通用票务"),
                    ("travel", "旅游"),
                    ("bill", "代收代缴"),
                    ("service", "社区服务"),
                    ("membership", "会员"),
                ],
                help_text="留空为全部业务线",
                max_length=16,
                verbose_name="业务线",
            ),
        ),
    ]

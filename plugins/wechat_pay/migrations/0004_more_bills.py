from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("o2o_wechat_pay", "0003_append_only")]

    operations = [
        migrations.AlterField(
            model_name="bill",
            name="kind",
            field=models.CharField(
                choices=[
                    ("trade", "交易账单"),
                    ("flow", "资金账单"),
                    ("flow_op", "资金账单（运营账户）"),
                    ("flow_fee", "资金账单（手续费账户）"),
                    ("sharing", "分账账单"),
                ],
                max_length=8,
                verbose_name="账单种类",
            ),
        ),
    ]

"""An index on Saleor's table: every completion of a checkout asks for its order by the checkout's token."""

from django.db import migrations

CREATE = "CREATE INDEX o2o_order_checkout_token ON order_order (checkout_token)"
DROP = "DROP INDEX o2o_order_checkout_token"


class Migration(migrations.Migration):
    """Creates the index ``o2o_order_checkout_token``; reversible."""

    dependencies = [("o2o_ordering", "0001_no_oversell"), ("order", "0083_merge_20200421_0529")]

    operations = [migrations.RunSQL(CREATE, DROP)]

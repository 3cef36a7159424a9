from django.db import migrations

# What was booked is never changed; the function is the kernel's.
APPEND_ONLY = """
CREATE TRIGGER o2o_cashier_cardmovement_append_only BEFORE UPDATE OR DELETE ON o2o_cashier_cardmovement
    FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();
"""
# The belt on stock's table: a card's balance is never negative, whoever writes it.
NEVER_NEGATIVE = """
CREATE FUNCTION o2o_cashier_refuse_negative_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a gift card would be overdrawn' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER o2o_cashier_card_never_negative BEFORE INSERT OR UPDATE OF current_balance_amount ON giftcard_giftcard
    FOR EACH ROW WHEN (NEW.current_balance_amount < 0) EXECUTE FUNCTION o2o_cashier_refuse_negative_card();
"""
UNDO = """
DROP TRIGGER o2o_cashier_card_never_negative ON giftcard_giftcard;
DROP FUNCTION o2o_cashier_refuse_negative_card();
DROP TRIGGER o2o_cashier_cardmovement_append_only ON o2o_cashier_cardmovement;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_cashier", "0002_parts"),
        ("o2o_kernel", "0002_audit_append_only"),
        ("giftcard", "0003_auto_20200217_0350"),
    ]

    operations = [migrations.RunSQL(APPEND_ONLY + NEVER_NEGATIVE, UNDO)]

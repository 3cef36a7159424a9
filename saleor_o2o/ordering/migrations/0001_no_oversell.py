"""The belt against overselling: PostgreSQL itself refuses an allocation beyond the stock row's quantity."""

from django.db import migrations

CREATE = """
CREATE FUNCTION o2o_refuse_oversell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    on_hand integer;
    allocated bigint;
BEGIN
    IF NEW.quantity_allocated = 0
       OR (TG_OP = 'UPDATE' AND NEW.stock_id = OLD.stock_id AND NEW.quantity_allocated <= OLD.quantity_allocated) THEN
        RETURN NEW;  -- freeing never waits
    END IF;
    -- Each statement of this function sees what was committed before it: the sum is newer than the lock.
    SELECT quantity INTO on_hand FROM warehouse_stock WHERE id = NEW.stock_id FOR UPDATE;
    SELECT COALESCE(SUM(quantity_allocated), 0) INTO allocated
      FROM warehouse_allocation WHERE stock_id = NEW.stock_id AND id IS DISTINCT FROM NEW.id;
    IF allocated + NEW.quantity_allocated > on_hand THEN
        RAISE EXCEPTION 'stock %: % allocated, % more asked, % on hand',
            NEW.stock_id, allocated, NEW.quantity_allocated, on_hand
            USING ERRCODE = 'check_violation', CONSTRAINT = 'o2o_no_oversell', TABLE = 'warehouse_allocation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER o2o_no_oversell BEFORE INSERT OR UPDATE OF quantity_allocated, stock_id ON warehouse_allocation
    FOR EACH ROW EXECUTE FUNCTION o2o_refuse_oversell();
"""

DROP = """
DROP TRIGGER o2o_no_oversell ON warehouse_allocation;
DROP FUNCTION o2o_refuse_oversell();
"""


class Migration(migrations.Migration):
    """Creates the trigger ``o2o_no_oversell`` on Saleor's table; reversible."""

    dependencies = [("warehouse", "0009_remove_invalid_allocation")]

    operations = [migrations.RunSQL(CREATE, DROP)]

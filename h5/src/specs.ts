// Which combinations of a product's attributes there are. Pure, so that it can be tested.

/** A variant: `values` are value ids by attribute id, `available` pieces. */
export interface Spec {
  id: string;
  name: string;
  available: number;
  values: Record<string, string>;
}

interface Attributed {
  id: string;
  attributes: readonly { attribute: { id: string; name?: string | null }; values: readonly ({ id: string; name?: string | null } | null)[] }[];
}

export interface Row {
  id: string;
  name: string;
  values: { id: string; name: string }[];
}

/** The attributes that variants have, each with its values in the order of the variants. */
export function optionsOf(variants: readonly Attributed[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { attribute, values } of variants.flatMap((one) => one.attributes)) {
    const value = values[0];
    if (!value) continue;
    const row = rows.get(attribute.id) ?? { id: attribute.id, name: attribute.name ?? "", values: [] };
    if (!row.values.some(({ id }) => id === value.id)) row.values.push({ id: value.id, name: value.name ?? "" });
    rows.set(attribute.id, row);
  }
  return [...rows.values()];
}

/** The variant that is meant; of a product without attributes the only one, or the one picked by itself ("_"). */
export function variantOf(specs: readonly Spec[], rows: readonly string[], picked: Readonly<Record<string, string>>): Spec | undefined {
  if (!rows.length) return specs.length === 1 ? specs[0] : specs.find(({ id }) => id === picked._);
  return specs.find((spec) => rows.every((row) => spec.values[row] === picked[row]));
}

/** May a value be tapped: some variant with it can be had. */
export function choosable(specs: readonly Spec[], row: string, value: string): boolean {
  return specs.some((spec) => spec.values[row] === value && spec.available > 0);
}

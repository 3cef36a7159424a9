// Numbers on papers and plates, as far as a telephone can check them before the platform does (GB 11643, GA 36).

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Full-width digits, spaces and a small x do not matter. */
export const tidy = (text: string): string => text.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();

/** Is this a resident's identity number, its check digit included? */
export function isIdNumber(text: string): boolean {
  const digits = tidy(text);
  if (!/^[1-9]\d{16}[\dX]$/.test(digits) || birthOf(digits) === "") return false;
  const sum = WEIGHTS.reduce((all, weight, n) => all + weight * Number(digits[n]), 0);
  return "10X98765432"[sum % 11] === digits[17];
}

/** The birthday (YYYY-MM-DD) in an identity number; "" where there is none. */
export function birthOf(text: string): string {
  const found = /^\d{6}(\d{4})(\d{2})(\d{2})/.exec(tidy(text));
  if (!found) return "";
  const [, year, month, day] = found;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day) ? `${year}-${month}-${day}` : "";
}

export const PROVINCES = [..."渝川贵云京津沪冀豫鲁晋陕苏浙皖赣湘鄂粤桂琼闽辽吉黑蒙甘青宁新藏"];
/** Letters of plates: I and O look like digits and are never used. */
export const LETTERS = [..."ABCDEFGHJKLMNPQRSTUVWXYZ"];
export const DIGITS = [..."1234567890"];
/** What stands last on plates of schools of driving, police, trailers. */
export const SPECIALS = [..."学警挂"];
/** Seven, or eight for new energy. */
export const PLATE_MOST = 8;

/** What may stand at this place of a plate (0 is the province). */
export function plateKeys(at: number): string[] {
  if (at === 0) return PROVINCES;
  if (at === 1) return LETTERS;
  return at === 6 ? [...DIGITS, ...LETTERS, ...SPECIALS] : [...DIGITS, ...LETTERS];
}

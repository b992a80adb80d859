/**
 * The shortest decimal that reads back as the same float32: text size is compile time, and equality with the reference
 * needs every bit.
 */
export function floatLiteral(value: number): string {
  const single = Math.fround(value);
  if (single === 0) return '0.';
  for (let digits = 6; digits <= 9; digits++) {
    const rounded = Number(single.toPrecision(digits));
    if (Math.fround(rounded) === single) return withPoint(String(rounded));
  }
  return withPoint(String(single));
}

/** `3` alone would be an integer. */
function withPoint(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.`;
}

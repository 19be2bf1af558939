/** The codes of `200`, `200,202` or `200-204`, one by one. */
export function expectedCodes(codes: string): string[] {
  const [first, last] = codes.split('-').map(Number);
  if (first === undefined || last === undefined) return codes.split(',').map((code) => code.trim());
  return Array.from({ length: last - first + 1 }, (_, n) => String(first + n).padStart(3, '0'));
}

// How a length of time is written, everywhere.

/** `137 ms`, with `digits` digits after the point. */
export function inMs(ms: number, digits = 0): string {
  return `${ms.toFixed(digits)} ms`;
}

/** `137 ms`, and with a tenth below 100 ms. */
export function figure(ms: number): string {
  return inMs(ms, Math.abs(ms) < 100 ? 1 : 0);
}

/** `10.6 s`, `3.52 s`, `137 ms`, `0.2 ms`: a length that is read at a glance. */
export function length(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (size >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return inMs(ms, size < 10 ? 1 : 0);
}

/** With its sign: `+61 ms`, `−12 ms`. */
export function signed(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${length(Math.abs(ms))}`;
}

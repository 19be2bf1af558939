import type { RunResult } from '../../result/result.ts';

/** A verdict has a shape as well as a colour, for readers who cannot distinguish the colours. */
const SHAPES: Readonly<Record<RunResult['status'], string>> = {
  passed: 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z',
  failed: 'm-4 -4l8 8m0 -8l-8 8',
  invalid: 'm0 -5l5 9h-10z',
  skipped: 'm-4 -4h8v8h-8z',
};

/** Outline of a verdict's mark around a point. */
export function markPath(status: RunResult['status'], x: number, y: number): string {
  return `M${x} ${y}${SHAPES[status]}`;
}

/** What is known when the outage of a run is predicted. `P` are the parameters that the run was given. */
export interface Prediction<P = Readonly<Record<string, string | number>>> {
  readonly advertIntMs: number;
  /** Priority of the amphora that takes over. */
  readonly backupPriority: number;
  /** From the master's last advertisement to the fault. */
  readonly phaseMs: number;
  readonly parameters: P;
}

/** A duration that a model demands, ms. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A figure is a bound whose ends meet. */
export function asBounds(demanded: number | Bounds): Bounds {
  return typeof demanded === 'number' ? { min: demanded, max: demanded } : demanded;
}

/** What lies outside the bounds, ms: negative when it was faster than the protocol allows. */
export function excessOver({ min, max }: Bounds, measuredMs: number): number {
  return measuredMs > max ? measuredMs - max : Math.min(0, measuredMs - min);
}

/** Below this, a difference in milliseconds does not matter to a client that waits for seconds. */
export const MINIMUM_EFFECT_MS = 50;
/** A demand is computed, not measured: any difference beyond rounding is a change. */
export const MINIMUM_DEMAND_MS = 5;

/** Below this, a difference in milliseconds does not matter to a client that waits for seconds. */
export const MINIMUM_EFFECT_MS = 50;
/** A demand is computed, not measured: what moves it by more than its rounding is a change. */
export const MINIMUM_DEMAND_MS = 5;

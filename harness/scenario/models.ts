import type { Prediction } from '../model/prediction.ts';
import { silentMasterMs } from '../model/vrrp.ts';
import type { Parameters } from './parameters.ts';

/** The master falls silent at the fault, without a farewell: the backup waits for its master-down interval. */
export function silentMaster({
  advertIntMs,
  backupPriority,
  phaseMs,
  parameters,
}: Prediction<Parameters>): number {
  const version = parameters.vrrp_version;
  return silentMasterMs({ version, advertIntMs, priority: backupPriority, phaseMs });
}

/** What a client may see where nothing goes missing: one request at most, so twice the prober's spacing. */
export const noOutage = () => ({ min: 0, max: 20 }) as const;

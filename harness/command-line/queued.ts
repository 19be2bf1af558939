import type { Engine } from '../lab/engine/engine.ts';
import type { Images } from '../lab/images/images.ts';
import { identityOf } from '../run/queue/identity.ts';
import type { QueueAddress } from '../run/queue/queue-url.ts';
import { QueuedRuns } from '../run/queue/queued-runs.ts';

/** Runs that workers perform, where `--queue` gives an address. */
export async function queuedRuns(
  address: QueueAddress | undefined,
  { engine, images }: { readonly engine: Engine; readonly images: Images },
  night: Omit<Parameters<typeof QueuedRuns.open>[0], 'address' | 'identity'>,
): Promise<QueuedRuns | undefined> {
  return address && QueuedRuns.open({ ...night, address, identity: await identityOf(engine, images) });
}

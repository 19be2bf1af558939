import test from 'ava';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { AmphoraLab } from '../lab/amphora-lab.ts';
import { findEngine } from '../lab/engine/engine.ts';
import { requireImages } from '../lab/images/images.ts';
import type { LabAmphora } from '../lab/lab.ts';
import { defaultLoadBalancer } from '../lab/load-balancer.ts';
import { untilServed } from '../lab/service.ts';
import { untilSteady } from '../lab/steady-pair.ts';
import { AMPHORA, type Argument, MEMBER, PROCESS } from '../vocabulary/argument.ts';
import { CannotRun, handNow } from '../vocabulary/deed.ts';
import { faultsIn } from '../vocabulary/fault.ts';

const LIMIT_MS = 60_000;
/** Checks rise soon, so that a pair is soon steady again. */
const SETTINGS = {
  ...DEFAULT_SETTINGS,
  keepalived_vrrp: { ...DEFAULT_SETTINGS.keepalived_vrrp, vrrp_check_interval: 1 },
};

/** Addresses and routes beside the VIP, but for those that move with it, and for link-local ones, which take their time (RFC 4862). */
async function network(lab: AmphoraLab, amphora: LabAmphora): Promise<readonly string[]> {
  const look = (...what: string[]) => ({ argv: lab.besideVip(lab.current(amphora), 'ip', '-o', ...what) });
  const seen = await lab.fabric.run(look('address'), look('route', 'show', 'table', 'all'));
  const lines = seen.flatMap(({ stdout }) => stdout.split('\n'));
  return lines.filter((line) => !line.includes(lab.vip) && !/proto keepalived|fe80/.test(line)).sort();
}

test('every repair undoes its faults: the pair is steady, serves, and has its addresses and routes', async (t) => {
  t.timeout(15 * LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const loadBalancer = defaultLoadBalancer();
  await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: SETTINGS });
  const forward = await lab.forwardVip(lab.port);
  const steady = async () => {
    await untilServed(`http://127.0.0.1:${forward.port}`, LIMIT_MS, { status: 200 });
    return untilSteady(lab);
  };
  await steady();
  const [amphora] = lab.amphorae;
  if (!amphora) throw new Error('The lab must have an amphora.');
  const before = await network(lab, amphora);
  const hand = handNow(lab);
  for (const { name, takes, act, heal } of Object.values(await faultsIn(import.meta.dirname))) {
    if (!heal) continue;
    const given = (words: readonly Argument[]) =>
      words.map((argument) => {
        if (argument === AMPHORA) return lab.current(amphora);
        if (argument === PROCESS) return 'keepalived';
        return argument === MEMBER ? 'backend-1' : { ms: 5, percent: 50, times: 8 };
      }) as never[];
    try {
      await act(hand, ...given(takes));
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      t.log(`${name}: ${error.message}`);
      continue;
    }
    await heal.act(hand, ...given(heal.takes));
    t.log(`${name}, ${heal.name}: ${await steady()}`);
    t.deepEqual(await network(lab, amphora), before, `${name}, ${heal.name}`);
  }
});

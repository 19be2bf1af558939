import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { inMs } from '../../analysis/statistics/milliseconds.ts';
import { summarise } from '../../analysis/statistics/summary.ts';
import { AmphoraLab } from '../../lab/amphora-lab.ts';
import type { LabAmphora } from '../../lab/lab.ts';
import { defaultLoadBalancer } from '../../lab/load-balancer.ts';
import { untilServed } from '../../lab/service.ts';
import { LeakWatch } from '../leaks/watch.ts';
import type { Torture } from './fault.ts';

const SERVICE_LIMIT_MS = 30_000;
const SETTLE_LIMIT_MS = 30_000;
const ASK_AGAIN_MS = 20;

/** One lab fails over, back and forth: keepalived of the amphora that serves is stopped, and started again. */
export const failovers: Torture = async ({ engine, images, count, signal, report }) => {
  await using watch = await LeakWatch.begin(engine);
  let done = 0;
  let problem = '';
  const tookMs: number[] = [];
  {
    await using lab = await AmphoraLab.create({
      engine,
      images,
      loadBalancer: defaultLoadBalancer(),
      settings: DEFAULT_SETTINGS,
    });
    const { port } = await lab.forwardVip(8080);
    const vip = `http://127.0.0.1:${port}`;
    await untilServed(vip, SERVICE_LIMIT_MS);
    try {
      for (; done < count && !signal.aborted; done++) {
        const holder = await untilServedBy(
          vip,
          lab.amphorae.map(({ vrrp_ip }) => vrrp_ip),
        );
        const master = lab.amphorae.find(({ vrrp_ip }) => vrrp_ip === holder);
        const backup = lab.amphorae.find(({ vrrp_ip }) => vrrp_ip !== holder);
        if (!master || !backup) throw new Error('the lab has no pair of amphorae');
        const fromMs = performance.now();
        await service(lab, master, 'stop');
        await untilServedBy(vip, [backup.vrrp_ip]);
        tookMs.push(performance.now() - fromMs);
        await service(lab, master, 'start');
      }
    } catch (error) {
      problem = (error as Error).message;
    }
  }
  const leaks = await watch.settle(SETTLE_LIMIT_MS);
  const took = tookMs.length > 0 ? summarise(tookMs) : undefined;
  report({
    fault: `${done} failovers`,
    instant: 'in a row, in one lab',
    status: problem || leaks.length > 0 ? 'failed' : 'survived',
    detail: `${problem && `${problem}; `}median ${took && inMs(took.median)}, at most ${took && inMs(took.max)}${leaks.map(({ kind, what }) => `; ${kind} left: ${what}`).join('')}`,
    leaks: leaks.length,
  });
};

async function service(lab: AmphoraLab, amphora: LabAmphora, action: 'start' | 'stop'): Promise<void> {
  const systemctl = (...words: readonly string[]) => ({
    argv: lab.inside(amphora, 'systemctl', ...words, 'octavia-keepalived'),
  });
  // keepalived takes seconds to go after its farewell; a start waits for that.
  if (action === 'stop') await lab.fabric.run(systemctl('stop', '--no-block'));
  // systemd by itself starts a unit at most five times in ten seconds (systemd.unit(5), StartLimitBurst).
  else await lab.fabric.run(systemctl('reset-failed'), systemctl('start'));
}

async function servedBy(vip: string): Promise<string | undefined> {
  try {
    const answer = await fetch(vip, { signal: AbortSignal.timeout(500) });
    await answer.body?.cancel();
    return answer.headers.get('x-amphora') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Resolves with the one of these addresses that serves. */
async function untilServedBy(vip: string, addresses: readonly string[]): Promise<string> {
  const untilMs = performance.now() + SERVICE_LIMIT_MS;
  let seen: string | undefined;
  do {
    seen = await servedBy(vip);
    if (seen !== undefined && addresses.includes(seen)) return seen;
    await delay(ASK_AGAIN_MS);
  } while (performance.now() < untilMs);
  throw new Error(
    `${addresses.join(' or ')} did not serve within ${SERVICE_LIMIT_MS / 1000} s; ${seen ?? 'nobody'} did`,
  );
}

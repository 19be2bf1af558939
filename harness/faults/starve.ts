import { configurationOf } from '../lab/configuration.ts';
import type { LabNode, Service } from '../lab/lab.ts';
import { trackedScripts, vrrpOf } from '../pair/configuration/vrrp.ts';
import { readKeepalived } from '../syntax/keepalived.ts';
import { shellWord } from '../syntax/shell-word.ts';
import { AMPHORA, bounded } from '../vocabulary/argument.ts';
import { done, type Hand } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

/** How long keepalived and HAProxy are watched. */
const WATCHED_S = 5;
/** Checks that are run to measure one: the kernel counts the time of children in hundredths of a second. */
const CHECKS = 50;
/** And no longer than about this: a user's check may wait for something. */
const CHECKED_S = 3;
const TICKS_PER_S = 100;
/** The engine takes no quota below 1 ms in a period of 100 ms (docker-run(1), --cpu-quota). */
const SHARE_MIN = 0.01;

const feed = heal({
  name: 'feed',
  takes: [AMPHORA],
  says: (amphora) => `the limit on the processor time of ${amphora} is lifted`,
  act: ({ lab }, amphora) =>
    done('heal', 'machine fed', amphora.instance.name, 'no CFS quota', () => lab.limitCpu(amphora)),
});

const starve = fault({
  name: 'starve',
  takes: [AMPHORA, bounded({ min: 0, max: 1000 }, 'times')],
  says: (amphora, { times }) =>
    `${amphora} is limited to ${times} times the processor time that keepalived, its checks and HAProxy need`,
  async act(hand, amphora, { times }) {
    const need = await serviceNeed(hand, amphora);
    await hand.instant();
    const share = Math.max(SHARE_MIN, times * need);
    const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
    const detail = `${percent(share)} of one core, of which keepalived, its checks and HAProxy need ${percent(need)}`;
    const entry = await done('fault', 'machine starved', amphora.instance.name, detail, () =>
      hand.lab.limitCpu(amphora, share),
    );
    return { ...entry, stalls: true };
  },
  heal: feed,
});
export default starve;

/**
 * What keepalived, its checks and HAProxy need of one core here and now, as a share: what the VRRP process and HAProxy's
 * threads ran (/proc/PID/task/TID/schedstat), and what each check takes by itself (proc_pid_stat(5), cutime and cstime),
 * once every interval.
 */
async function serviceNeed({ lab }: Hand, amphora: LabNode): Promise<number> {
  const { keepalived } = await configurationOf(lab, amphora);
  const checks = trackedScripts(
    vrrpOf('', readKeepalived({ file: 'keepalived.conf', text: keepalived }).statements),
  );
  const found = (service: Service) => lab.processesOf(service).map(shellWord).join(' ');
  const script = [
    `pids="$(pgrep --newest ${found('keepalived')}) $(pgrep ${found('haproxy')})"`,
    "ran() { for pid in $pids; do cat /proc/$pid/task/*/schedstat; done | awk '{ sum += $1 } END { print sum }'; }",
    `before=$(ran); sleep ${WATCHED_S}; echo $(($(ran) - before))`,
    ...checks.map(({ command }) => measured(command.value)),
  ].join('\n');
  const [watched] = await lab.fabric.run({ argv: lab.inside(amphora, 'sh', '-ec', script) });
  const [ran = '', ...measurements] = (watched?.stdout ?? '').trim().split('\n');
  const shares = checks.map(({ intervalMs }, n) => {
    const [runs = 1, ticks = 0] = (measurements[n] ?? '').split(' ').map(Number);
    return ticks / TICKS_PER_S / runs / (intervalMs.value / 1000);
  });
  return Number(ran) / 1e9 / WATCHED_S + shares.reduce((sum, share) => sum + share, 0);
}

/** Runs a check again and again, and prints how often, and the processor time of all runs. */
function measured(command: readonly string[]): string {
  const words = command.map(shellWord).join(' ');
  const spent = 'read -r stat < /proc/$$/stat; set -- $stat; shift 15';
  return [
    `${spent}; before=$(($1 + $2)); read -r begun rest < /proc/uptime; n=0`,
    `while [ $n -lt ${CHECKS} ]; do n=$((n + 1)); ${words} > /dev/null 2>&1 || true`,
    `read -r now rest < /proc/uptime; [ $((\${now%.*} - \${begun%.*})) -lt ${CHECKED_S} ] || break; done`,
    `${spent}; echo $n $(($1 + $2 - before))`,
  ].join('\n');
}

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** A noisy neighbour on its host (CFS quota); what they need is measured before. */
    readonly starve: typeof starve;
  }
}

import { InvalidArgumentError } from 'commander';
import { VRRP_PRIORITY } from '../../../src/domain/amphora.ts';
import { OWN_KEEPALIVED, skipsDueRun } from '../../analysis/model/keepalived-version.ts';
import { longestInterval, priceOf } from '../../analysis/model/price.ts';
import { masterDownIntervalMs } from '../../analysis/model/vrrp.ts';
import { length } from '../../analysis/statistics/milliseconds.ts';
import { range } from '../../report/content/figures.ts';
import { table } from '../../report/terminal-text.ts';
import {
  checkRefused,
  checkTimesOut,
  farewell,
  overPhases,
  pairUnder,
  silentMaster,
  unannounced,
} from '../../scenario/models.ts';
import { type Parameters, parseParameters } from '../../scenario/parameters.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { duration, parameters, percent, takes } from '../options.ts';
import { print } from '../print.ts';

const FAULTS = [
  ['the master falls silent', silentMaster],
  ['the master says farewell', farewell],
  ['HAProxy hangs', checkTimesOut],
  ['HAProxy refuses', checkRefused],
  ["the take-over's announcement is lost", unannounced],
] as const;

export const group: Group = 'Measure';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('predict')
    .description('Predicts the outages of a configuration, or finds one that meets a limit; runs nothing.')
    .addOption(parameters())
    .addOption(
      takes('--keepalived <version>', 'Predicts for this version of keepalived, such as 2.3.3.', {
        parse: keepalivedVersion,
        unset: OWN_KEEPALIVED,
        otherwise: `${OWN_KEEPALIVED}, the testbed's own`,
      }),
    )
    .addOption(
      takes('--slo <time>', 'Finds settings whose outage stays below this time, such as 800ms.', {
        parse: duration,
        otherwise: 'no limit',
      }),
    )
    .addOption(
      takes('--loss <percent>', 'Assumes that this percentage of advertisements is lost.', {
        parse: percent,
        unset: 0.01,
        otherwise: '1',
      }),
    )
    .example('npm run predict -- --set advert_int=2 --slo 5s')
    .action(async (options) => finish(await predict(options)));
}

/** `predict`: predicts the outages of a configuration, and finds settings that meet a limit, with their price. */
export async function predict(options: {
  readonly set: readonly string[];
  readonly keepalived: string;
  /** The longest outage that is allowed, ms. */
  readonly slo?: number;
  readonly loss: number;
}): Promise<number> {
  const parameters = parseParameters(options.set);
  const limitMs = options.slo;
  print(`${expectations(parameters, options.keepalived, limitMs)}\n${priceText(parameters, options.loss)}\n`);
  if (limitMs !== undefined) print(`\n${settingsFor(limitMs, options.loss)}\n`);
  return EXIT.ok;
}

/** @throws InvalidArgumentError */
function keepalivedVersion(text: string): string {
  if (/^\d+\.\d+(\.\d+)?$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a version of keepalived, such as 2.2.7 or 2.3.3.');
}

function expectations(parameters: Parameters, keepalived: string, limitMs: number | undefined): string {
  const within = limitMs === undefined ? [] : [`within ${length(limitMs)}`];
  const pair = pairUnder(parameters, keepalived);
  const rows = FAULTS.map(([fault, model]) => {
    const bounds = overPhases(model, pair);
    const meets =
      limitMs === undefined
        ? []
        : [bounds.max <= limitMs ? 'yes' : bounds.min > limitMs ? 'no' : 'at some phases'];
    return [fault, range(bounds, length), ...meets, model.says];
  });
  const advertIntMs = parameters.advert_int * 1000;
  const back = masterDownIntervalMs(parameters.vrrp_version, advertIntMs, VRRP_PRIORITY.MASTER);
  const returning =
    parameters.profile === 'rocky'
      ? `A master that returns takes the VIP back ${length(back)} after it is up: its state is MASTER, so keepalived ignores nopreempt.`
      : 'A master that returns stays backup: nopreempt holds, as no state is configured.';
  const skipping = {
    true: 'skips a check that is due while one still runs',
    false: 'starts a check that is due although one still runs',
    undefined:
      'may or may not skip a check that is due while one still runs: give all three numbers of its version',
  }[`${skipsDueRun(keepalived)}`];
  return `${table(['fault', 'outage', ...within, 'why'], rows)}\nkeepalived ${keepalived} ${skipping}.\n${returning}`;
}

function priceText({ vrrp_version, advert_int }: Parameters, loss: number): string {
  return `${price(vrrp_version, advert_int * 1000, loss)}.`;
}

function price(version: 2 | 3, advertIntMs: number, loss: number): string {
  const { advertisementsPerSecond, falseTakeOversPerDay } = priceOf(
    { version, advertIntMs, backupPriority: VRRP_PRIORITY.BACKUP },
    loss,
  );
  return `advertisements: ${significant(advertisementsPerSecond)} a second; false take-overs: ${significant(falseTakeOversPerDay)} a day if ${significant(loss * 100)} % of the advertisements are lost`;
}

function settingsFor(limitMs: number, loss: number): string {
  const lines = ([2, 3] as const).map((version) => {
    const advertIntMs = longestInterval(version, VRRP_PRIORITY.BACKUP, limitMs);
    if (advertIntMs === undefined) {
      return `  vrrp_version=${version}: no interval does; the shortest costs ${length(masterDownIntervalMs(version, version === 2 ? 1000 : 10, VRRP_PRIORITY.BACKUP))} at worst`;
    }
    return `  --set vrrp_version=${version} --set advert_int=${advertIntMs / 1000}: at most ${length(masterDownIntervalMs(version, advertIntMs, VRRP_PRIORITY.BACKUP))}; ${price(version, advertIntMs, loss)}`;
  });
  return [`A silent master costs at most ${length(limitMs)} with`, ...lines].join('\n');
}

function significant(value: number): string {
  return String(Number(value.toPrecision(2)));
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { closest } from 'fastest-levenshtein';
import { MINIMUM_DEMAND_MS, MINIMUM_EFFECT_MS } from '../compare/history/limits.ts';
import { parseSystem, type System } from '../system/system.ts';
import { UsageError } from '../usage-error.ts';
import { fromUser } from './places.ts';

// What several commands take: one thing has one flag. A command's own options stand with it in its file.

/** How an option's value is read, and its default. */
export interface Taking<T> {
  readonly parse?: (text: string, previous: T) => T;
  readonly unset?: T;
  /** The default in words. */
  readonly otherwise?: string;
}

/** An option that takes a value. */
export function takes<T = string>(
  flags: string,
  says: string,
  { parse, unset, otherwise }: Taking<T>,
): Option {
  const option = new Option(flags, says).default(unset, otherwise);
  return parse ? option.argParser(parse) : option;
}

/** Adds what every command takes that builds labs. */
export function labOptions<C extends Command>(command: C): C {
  return command.addOption(parameters()).addOption(system()).addOption(renamedImage());
}

export function parameters(): Option {
  return takes('--set <key=value>', 'Sets a parameter, such as advert_int=2; may be repeated.', {
    parse: collect,
    unset: [],
    otherwise: "Octavia's values",
  });
}

export function system(): Option {
  return takes('--with <part=value>', 'Tests this system, such as octavia=trixie; may be repeated.', {
    parse: collect,
    unset: [],
    otherwise: "the testbed's own agent and templates",
  });
}

/**
 * The system that `--with` names.
 *
 * @param set what `--set` was given
 * @throws UsageError
 */
export function systemNamed(pairs: readonly string[], set: readonly string[] = []): System {
  const system = parseSystem('--with', pairs, fromUser);
  return set.length > 0 ? requireAmphorae(system, '--set') : system;
}

/**
 * For what is about configurations that are rendered.
 *
 * @throws UsageError where a pair has its own
 */
export function requireAmphorae(system: System, what: string): System {
  if (system.pair === undefined) return system;
  throw new UsageError(
    `--with: pair cannot be combined with ${what}, which is about what is rendered for amphorae; the pair has its own configurations.`,
  );
}

/** `--image` is a system now. */
export function renamedImage(): Option {
  return renamed('--image <reference>', (reference) => `--with image=${reference}`);
}

export function runs(says: string, unset: number): Option {
  return takes('--runs <n>', says, { parse: count(RUNS_MAX), unset });
}

export function parallel(): Option {
  return takes('--parallel <n>', 'Runs n labs at once.', {
    parse: count(LABS_MAX),
    otherwise: 'as many as processors and free memory allow',
  });
}

export function seed(says = "Repeats the faults' instants of the run with this seed."): Option {
  return takes('--seed <n>', says, { parse: count(SEED_MAX), otherwise: 'a new seed, which is printed' });
}

export function budget(says: string, unset: string): Option {
  return takes('--budget <time>', says, { parse: duration, unset: duration(unset), otherwise: unset });
}

export function reports(says = 'Writes the report below this folder.'): Option {
  return takes('--reports <folder>', says, { unset: 'reports' });
}

export function history(says = 'Reads earlier results from this file.'): Option {
  return takes('--history <file>', says, { otherwise: 'history.db in the folder of reports' });
}

export function reuse(): Option {
  return new Option(
    '--reuse',
    'Runs a scenario repeatedly in one lab where it only powers an amphora off: the amphora boots again as the backup.',
  );
}

export function shard(): Option {
  return takes('--shard <i/n>', 'Runs part i of n of the scenarios; merge joins the parts.', {
    otherwise: 'all of them',
  });
}

/** A value with a password must not be repeated in an error: the command reads it. */
export function queue(
  says = 'Puts the runs into this queue, redis://HOST:PORT/DB, from which workers take them.',
  otherwise = 'this machine performs them',
): Option {
  return takes('--queue <url>', says, { otherwise });
}

export function minimumEffect(): Option {
  return takes('--minimum-effect <ms>', 'Ignores smaller changes of what was measured.', {
    parse: count(MINUTE_MS),
    unset: MINIMUM_EFFECT_MS,
  });
}

/** The configuration's demand is computed and not measured: its limit is smaller. */
export function minimumDemand(): Option {
  return takes('--minimum-demand <ms>', 'Ignores smaller changes of what the configuration demands.', {
    parse: count(MINUTE_MS),
    unset: MINIMUM_DEMAND_MS,
  });
}

export function json(says = 'Prints the result as JSON; all else goes to standard error.'): Option {
  return new Option('--json', says);
}

/** A flag of earlier versions: using it names the flag of today. */
export function renamed(flags: string, today: (value: string) => string): Option {
  const [name = ''] = flags.split(' ');
  return new Option(flags)
    .argParser((value: string) => {
      throw new UsageError(
        `${name} has a new name: write ${today(/^[\w./:-]+$/.test(value) ? value : 'N')}.`,
      );
    })
    .hideHelp();
}

/** Runs take time: more than this many is a typing error. */
export const RUNS_MAX = 10_000;
export const LABS_MAX = 1000;
const MINUTE_MS = 60_000;
const SEED_MAX = 2 ** 31 - 1;

/** A parser for whole numbers from 1 to `max`. */
export function count(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > max)
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    return value;
  };
}

/** Reads a percentage as a share from 0 to below 1. */
export function percent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 100))
    throw new InvalidArgumentError('It must be a number from 0 to below 100.');
  return value / 100;
}

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const DURATION_MIN_MS = 1;
/** Timers of Node end at 2^31 ms, 596 hours (setTimeout). */
const DURATION_MAX_MS = 500 * UNITS_MS.h;

/** Reads a duration such as `500ms`, `1.5s`, `4m` or `2h`, in ms. */
export function duration(text: string): number {
  const [, value, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(value) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (!(ms >= DURATION_MIN_MS && ms <= DURATION_MAX_MS))
    throw new InvalidArgumentError('It must be a time from 1ms to 500h, such as 500ms, 90s, 4m or 2h.');
  return ms;
}

/** Reads some of these names with commas between, as `steady,reloads`. @throws UsageError */
export function someOf<Name extends string>(flag: string, names: readonly Name[]) {
  return (text: string): readonly Name[] =>
    text.split(',').map((name) => {
      const found = names.find((each) => each === name);
      if (found) return found;
      throw new UsageError(
        `${flag}: there is no "${name}"; the nearest is ${closest(name, names)}, and there are ${names.join(', ')}.`,
      );
    });
}

export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

export function loadBalancer(taking: Taking<string>): Option {
  return takes(
    '--load-balancer <file>',
    "Reads a fully populated load balancer, JSON of Octavia's API v2.",
    taking,
  );
}

export function profile(): Option {
  return takes('--profile <name>', 'Renders the texts of this version of Octavia.', {
    unset: 'current',
  }).choices(['rocky', 'current']);
}

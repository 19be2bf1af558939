import { InvalidArgumentError, Option } from 'commander';
import { MINIMUM_DEMAND_MS, MINIMUM_EFFECT_MS } from '../history/limits.ts';

// What several commands take; a command's own options stand with it in main.ts.

export function parameters(): Option {
  return new Option('--set <key=value>', 'a parameter, e.g. advert_int=2; may be repeated')
    .argParser(collect)
    .default([]);
}

export function parallel(): Option {
  return new Option(
    '--parallel <n>',
    'labs at once; what cores and free memory allow, if not given',
  ).argParser(count(LABS_MAX));
}

export function seed(of = "seed of the faults' phases"): Option {
  return new Option('--seed <n>', of).argParser(count(SEED_MAX));
}

export function reports(what = 'where the report goes'): Option {
  return new Option('--reports <folder>', what).default('reports');
}

export function image(): Option {
  return new Option('--image <reference>', 'amphora image to use instead of our own').argParser(
    (reference) => {
      if (reference.trim() === '') throw new InvalidArgumentError('It must name an image of the engine.');
      return reference;
    },
  );
}

export function reuse(): Option {
  return new Option(
    '--reuse',
    'runs of a scenario follow each other in one lab, where it only loses an amphora: booted again, it is the backup',
  );
}

export function minimumEffect(): Option {
  return new Option(
    '--minimum-effect <ms>',
    'a smaller change of what clients get or software takes does not matter',
  )
    .argParser(count(MINUTE_MS))
    .default(MINIMUM_EFFECT_MS);
}

/** Of what the configuration demands, which is computed and not measured. */
export function minimumDemand(): Option {
  return new Option(
    '--minimum-demand <ms>',
    'a smaller change of what the configuration demands does not matter',
  )
    .argParser(count(MINUTE_MS))
    .default(MINIMUM_DEMAND_MS);
}

/** Of what takes time each: more would be a slip of the hand. */
export const RUNS_MAX = 10_000;
const LABS_MAX = 1000;
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

/** As a share, 0 to 1. */
export function percent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 100))
    throw new InvalidArgumentError('It must be a number from 0 to below 100.');
  return value / 100;
}

/** ms */
export function duration(text: string): number {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  const ms = Number(value) * ({ s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new InvalidArgumentError('It must be a number with s, m or h, such as 90m.');
  return ms;
}

export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

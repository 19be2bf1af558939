import type { JudgedBy } from '../analysis/verdict/judge.ts';
import type { HealthRequest } from '../lab/health.ts';
import type { LabLoadBalancer } from '../lab/load-balancer.ts';
import { type Figures, withFigures } from './figures.ts';
import type { Model } from './models.ts';
import type { Parameters } from './parameters.ts';
import { callerOf } from './place.ts';
import type { Story } from './story.ts';

/** The parts of the catalogue, in the order in which it is listed. */
export const GROUPS = [
  'loss of the master',
  'network',
  'return',
  'state',
  'change under load',
  'load and machine',
  'variants',
] as const;
export type Group = (typeof GROUPS)[number];

export interface Scenario {
  readonly name: string;
  /** Where it is defined, absolute; absent where it is in no file of its own. */
  readonly file?: string;
  /** What happens, in one clause. */
  readonly title: string;
  readonly group: Group;
  /**
   * What is broken, what is promised, and what was a surprise. A figure that was measured stands as `{outage}`, with
   * its value in `measured`.
   */
  readonly story: string;
  /** The figures that the story tells; `figures` compares them with a stored pass. */
  readonly measured?: Figures;
  /** Where the story is not about Octavia's defaults; `--set` goes over them. */
  readonly parameters?: Readonly<Partial<Record<keyof Parameters, string | number>>>;
  /** What differs from the lab's own load balancer. */
  readonly loadBalancer?: LabLoadBalancer;
  /** The number of machines that it needs; most scenarios take any. */
  readonly machines?: 'two' | 'three or more';
  /** What its old master does when it is back: a pair does one or the other. Amphorae do what the scenario's parameters say. */
  readonly oldMaster?: 'stays backup' | 'takes the VIP back';
  /** The kernel of its old master lives on and answers for the VIP: clients leave it for another MAC. */
  readonly oldMasterAnswers?: true;
  /** Its cable carries VRRP and the VIP: keepalived announces that it has lost one that carries the VIP alone. */
  readonly oneCable?: true;
  /** Amphorae send heartbeats, and a silent one is failed over: [health_manager] of octavia.conf, s. */
  readonly heartbeats?: HealthRequest['settings'];
  /** It takes power from an amphora and changes nothing else: once that has booted, the lab serves another run. */
  readonly repeatable?: true;
  readonly model: Model;
  /** Which of the faults and changes the run is judged by; by default the first. */
  readonly judgedBy?: JudgedBy;
  /** What the faults, changes and repairs that it is not judged by may cost; by default nothing. */
  readonly aftermath?: Model;
  /** How it ends on purpose: by default clients are served again. */
  readonly ends?: 'unserved';
  /** How long its story may take, s, where two minutes are not enough. */
  readonly limitS?: number;
  readonly run: (story: Story) => Promise<void>;
}

const definitions: Scenario[] = [];

/** Defines the scenario of a file in scenarios/, which is named as it is. */
export function scenario(name: string, definition: Omit<Scenario, 'name' | 'file'>): Scenario {
  const file = callerOf(scenario);
  // Types are stripped from a scenario's file and not checked: what is missing is said by who loads it.
  const story = withFigures(definition?.story ?? '', definition?.measured ?? {});
  const defined = { name, ...(file && { file }), ...definition, story };
  definitions.push(defined);
  return defined;
}

/** The scenarios that a file has defined by now. */
export function definedIn(file: string): readonly Scenario[] {
  return definitions.filter((defined) => defined.file === file);
}

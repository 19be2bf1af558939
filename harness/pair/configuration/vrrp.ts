import { posix } from 'node:path';
import { commandLine, commandWords } from '../../syntax/keepalived.ts';
import { each, last, type Place, type Statement, within } from '../../syntax/statement.ts';
import { canonical } from './address.ts';

/** A value, and where it is written; where it is not, the place of what it belongs to. */
export interface Said<T> extends Place {
  readonly value: T;
  /** False for keepalived's default. */
  readonly written: boolean;
}

/** An address that an instance brings. */
export interface VirtualAddress extends Place {
  /** Without its prefix. */
  readonly address: string;
  /** Its length; 32 or 128 where none is written. */
  readonly prefix: number;
  readonly device?: string;
  /** `no_track`: its interface may fail. */
  readonly untracked: boolean;
}

/** What an instance, or its sync group, tracks with an effect on its priority. */
export interface Tracked extends Place {
  readonly kind: 'script' | 'process' | 'file' | 'interface' | 'bfd';
  readonly name: string;
  /** Undefined where the tracked thing's own weight holds. */
  readonly weight?: number;
  readonly reverse: boolean;
  /** Its definition stands before, where keepalived looks for it; what is defined later is ignored. */
  readonly defined: boolean;
  /** Written in the instance's sync group. */
  readonly byGroup: boolean;
}

/** The command of a script: its words, where it is written, and what stands behind it outside of quotes. */
export interface CommandLine extends Said<readonly string[]> {
  readonly beyond: readonly string[];
}

/** `vrrp_script`. */
export interface Script extends Place {
  readonly name: string;
  readonly command: CommandLine;
  readonly intervalMs: Said<number>;
  readonly timeoutMs?: Said<number>;
  readonly fall: Said<number>;
  readonly rise: Said<number>;
  readonly weight: Said<number>;
  readonly reverse: boolean;
  readonly user?: string;
}

/** `vrrp_track_process`. */
export interface TrackedProcess extends Place {
  readonly name: string;
  /** Name of the process. */
  readonly command: string;
  /** It may be away so long before that counts. */
  readonly terminateDelayMs: Said<number>;
  readonly weight: Said<number>;
}

/** `vrrp_sync_group`. */
export interface SyncGroup extends Place {
  readonly name: string;
  readonly members: readonly Said<string>[];
  /** Its members keep the weights of what they track. */
  readonly keepsWeights: boolean;
}

/** `vrrp_instance`. */
export interface Instance extends Place {
  readonly node: string;
  readonly name: string;
  readonly state: Said<'MASTER' | 'BACKUP'>;
  readonly priority: Said<number>;
  readonly routerId: Said<number>;
  readonly version: Said<2 | 3>;
  readonly advertIntMs: Said<number>;
  /** A backup takes over when this number of advertisements has not come; 3 in the RFCs. */
  readonly downAdverts: Said<number>;
  readonly interface?: Said<string>;
  /** `use_vmac`: its addresses have a MAC of their own, on an interface that keepalived makes. */
  readonly vmac?: { readonly interface: string };
  readonly multicastAddress?: string;
  readonly nopreempt?: Place;
  readonly preemptDelayMs: Said<number>;
  readonly authType: Said<string>;
  readonly authPass?: Said<string>;
  readonly peers: readonly Said<string>[];
  /** Its own address, where it is written. */
  readonly source?: Said<string>;
  readonly addresses: readonly VirtualAddress[];
  /** The version of IP that VRRP is spoken over. */
  readonly family: 4 | 6;
  readonly tracked: readonly Tracked[];
  readonly strict?: Place;
  readonly accepts: boolean;
  readonly garpDelayS: Said<number>;
  readonly garpRefreshS: Said<number>;
  readonly garpRefreshRepeat: Said<number>;
  /** How often a master announces itself when it hears a lower priority. */
  readonly garpLowerRepeat: Said<number>;
  /** `higher_prio_send_advert`: a master that hears a higher priority advertises once more before it steps down. */
  readonly answersHigher: boolean;
}

/** The VRRP part of keepalived.conf. */
export interface Vrrp {
  readonly instances: readonly Instance[];
  readonly scripts: readonly Script[];
  readonly processes: readonly TrackedProcess[];
  readonly groups: readonly SyncGroup[];
  /** The commands of notify scripts, each with its keyword. */
  readonly notifies: readonly (CommandLine & { readonly keyword: string })[];
  readonly scriptSecurity?: Place;
  readonly scriptUser?: string;
}

const DEFAULT_PRIORITY = 100;
/** The address's owner (RFC 5798, section 5.2.4); keepalived's default for an instance with `state MASTER`. */
export const OWNER_PRIORITY = 255;
const NOTIFIES = /^notify(_master|_backup|_fault|_stop|_deleted|_master_rx_lower_pri)?$/;

/** Blocks that have a name of their own: of two with one name keepalived takes the first. */
export const NAMED = ['vrrp_instance', 'vrrp_sync_group', 'vrrp_script', 'vrrp_track_process'] as const;

/** Reads what a node's keepalived.conf says about VRRP; values that are not written are keepalived's defaults. */
export function vrrpOf(node: string, statements: readonly Statement[]): Vrrp {
  const globals = within(statements, 'global_defs');
  const [instances, groups, scripts, processes] = NAMED.map((keyword) => {
    const seen = new Set<string>();
    return each(statements, keyword).filter(({ words: [, name = ''] }) => !seen.has(name) && seen.add(name));
  }) as [Statement[], Statement[], Statement[], Statement[]];
  /** The names of what is defined before a statement, by what it is. */
  const before = (statement: Statement): Defined => {
    const above = statements.slice(0, statements.indexOf(statement));
    const names = (some: readonly Statement[]) =>
      new Set(some.filter((each) => above.includes(each)).map(({ words: [, name = ''] }) => name));
    return { script: names(scripts.filter(({ block }) => last(block, 'script'))), process: names(processes) };
  };
  const scriptUser = last(globals, 'script_user')?.words[1];
  const scriptSecurity = last(globals, 'enable_script_security');
  return {
    instances: instances.map((statement) => instanceOf(node, statement, { globals, groups, before })),
    scripts: scripts.flatMap(scriptOf),
    processes: processes.map(processOf),
    groups: groups.map(groupOf),
    notifies: [...instances, ...groups].flatMap(({ block = [] }) =>
      block
        .filter(({ words: [keyword = '', command] }) => NOTIFIES.test(keyword) && command !== undefined)
        .map((statement) => ({
          ...commandOf(statement),
          keyword: statement.words[0] ?? '',
        })),
    ),
    ...(scriptSecurity && { scriptSecurity }),
    ...(scriptUser !== undefined && { scriptUser }),
  };
}

/** The scripts that keepalived runs: those that an instance tracks. */
export function trackedScripts({ instances, scripts }: Vrrp): readonly Script[] {
  const tracked = instances.flatMap((instance) => instance.tracked);
  return scripts.filter(({ name }) =>
    tracked.some((each) => each.kind === 'script' && each.defined && each.name === name),
  );
}

function instanceOf(
  node: string,
  statement: Statement,
  {
    globals,
    groups,
    before,
  }: {
    readonly globals: readonly Statement[];
    readonly groups: readonly Statement[];
    readonly before: (statement: Statement) => Defined;
  },
): Instance {
  const { block = [], words, file, line } = statement;
  const name = words[1] ?? '';
  const number = (keyword: string, otherwise: number) => numberIn(block, keyword, otherwise, statement);
  const addresses = [
    ...within(block, 'virtual_ipaddress'),
    ...within(block, 'virtual_ipaddress_excluded'),
  ].map(addressOf);
  const authentication = within(block, 'authentication');
  const authPass = last(authentication, 'auth_pass');
  const written = stateOf(block);
  const priority = number('priority', written?.isMaster ? OWNER_PRIORITY : DEFAULT_PRIORITY);
  const source = last(block, 'unicast_src_ip') ?? last(block, 'mcast_src_ip');
  const peers = within(block, 'unicast_peer');
  // Excluded addresses may be of either version (alloc_vrrp_vip() of keepalived/vrrp/vrrp_data.c).
  const [first] = [...within(block, 'virtual_ipaddress').map(({ words }) => words[0]), source?.words[1]];
  const family = (first ?? peers[0]?.words[0])?.includes(':') ? 6 : 4;
  const version = last(block, 'version') ?? last(globals, 'vrrp_version');
  /** A number of the instance, or of all instances. */
  const common = (keyword: string, otherwise: number) =>
    last(block, keyword)
      ? number(keyword, otherwise)
      : numberIn(globals, `vrrp_${keyword}`, otherwise, statement);
  const nopreempt = last(block, 'nopreempt');
  const device = last(block, 'interface') ?? last(globals, 'default_interface');
  const strict = flag(last(block, 'strict_mode') ?? last(globals, 'vrrp_strict'));
  const answers = flag(
    last(block, 'higher_prio_send_advert') ?? last(globals, 'vrrp_higher_prio_send_advert'),
  );
  const isOwner = priority.value === OWNER_PRIORITY;
  // In strict mode only the address's owner begins as master; without a state it is the owner alone, too.
  const isMaster = written && !strict ? written.isMaster : isOwner;
  const routerId = number('virtual_router_id', 0);
  const vmac = last(block, 'use_vmac');
  const multicastAddress = last(block, 'mcast_dst_ip')?.words[1];
  const itsGroups = groups.filter((group) => groupOf(group).members.some(({ value }) => value === name));
  return {
    ...{ file, line, node, name },
    state: said(written?.place ?? statement, isMaster ? 'MASTER' : 'BACKUP', written !== undefined),
    priority,
    routerId,
    version: said(
      version ?? statement,
      version?.words[1] === '3' || (family === 6 && !last(block, 'version')) ? 3 : 2,
      version !== undefined,
    ),
    advertIntMs: milliseconds(number('advert_int', 1)),
    downAdverts: common('down_timer_adverts', 3),
    ...(device?.words[1] !== undefined && { interface: said(device, device.words[1]) }),
    ...(vmac && { vmac: { interface: vmac.words[1] ?? `vrrp.${routerId.value}` } }),
    ...(multicastAddress !== undefined && { multicastAddress }),
    ...(nopreempt && { nopreempt }),
    preemptDelayMs: milliseconds(number('preempt_delay', 0)),
    authType: said(
      last(authentication, 'auth_type') ?? statement,
      last(authentication, 'auth_type')?.words[1] ?? 'none',
      authentication.length > 0,
    ),
    ...(authPass && { authPass: said(authPass, authPass.words[1] ?? '') }),
    peers: peers.map((peer) => said(peer, canonical(peer.words[0] ?? ''))),
    ...(source?.words[1] !== undefined && { source: said(source, canonical(source.words[1])) }),
    ...{ addresses, family },
    tracked: [
      ...trackedIn(block, false, before(statement)),
      ...itsGroups.flatMap((group) => trackedIn(group.block ?? [], true, before(group))),
    ],
    ...(strict && { strict }),
    accepts: last(block, 'accept') !== undefined,
    garpDelayS: common('garp_master_delay', 5),
    garpRefreshS: common('garp_master_refresh', 0),
    garpRefreshRepeat: common('garp_master_refresh_repeat', 1),
    garpLowerRepeat: common('garp_lower_prio_repeat', common('garp_master_repeat', 5).value),
    answersHigher: answers !== undefined,
  };
}

/** The initial states that keepalived knows, in capitals. */
export const STATES = ['MASTER', 'BACKUP'] as const;

/**
 * The initial state that is written: a second BACKUP does not undo a MASTER, and a word that keepalived does not know is
 * BACKUP (vrrp_state_handler() of keepalived/vrrp/vrrp_parser.c).
 */
function stateOf(
  block: readonly Statement[],
): { readonly isMaster: boolean; readonly place: Place } | undefined {
  const states = each(block, 'state');
  const place = states.at(-1);
  if (!place) return undefined;
  const isMaster = states
    .map(({ words: [, word] }) => word)
    .reduce((master, word) => word === 'MASTER' || (master && word === 'BACKUP'), false);
  return { isMaster, place };
}

function addressOf({ words, file, line }: Statement): VirtualAddress {
  const address = canonical(words[0] ?? '');
  const device = words[words.indexOf('dev') + 1];
  return {
    ...{ file, line, address, untracked: words.includes('no_track') },
    prefix: Number(words[0]?.split('/')[1] ?? (address.includes(':') ? 128 : 32)),
    ...(words.includes('dev') && device !== undefined && { device }),
  };
}

/** The names that are defined, by what they are. */
type Defined = Readonly<Partial<Record<Tracked['kind'], ReadonlySet<string>>>>;

function trackedIn(block: readonly Statement[], byGroup: boolean, defined: Defined): readonly Tracked[] {
  return (['script', 'process', 'file', 'interface', 'bfd'] as const).flatMap((kind) =>
    within(block, `track_${kind}`).map(({ words, file, line }) => {
      const weight = words.includes('weight') ? Number(words[words.indexOf('weight') + 1]) : Number.NaN;
      return {
        ...{ file, line, kind, byGroup, name: words[0] ?? '', reverse: words.includes('reverse') },
        defined: defined[kind]?.has(words[0] ?? '') ?? true,
        ...(Number.isFinite(weight) && { weight }),
      };
    }),
  );
}

function scriptOf(statement: Statement): readonly Script[] {
  const { block = [], words, file, line } = statement;
  const command = last(block, 'script');
  if (!command) return [];
  const user = last(block, 'user')?.words[1];
  const weight = last(block, 'weight');
  const timeoutMs = milliseconds(numberIn(block, 'timeout', 0, statement));
  return [
    {
      ...{ file, line, name: words[1] ?? '', reverse: weight?.words.includes('reverse') ?? false },
      command: commandOf(command),
      intervalMs: milliseconds(numberIn(block, 'interval', 1, statement)),
      // 0 is none: then it is the interval.
      ...(timeoutMs.value > 0 && { timeoutMs }),
      fall: numberIn(block, 'fall', 1, statement),
      rise: numberIn(block, 'rise', 1, statement),
      weight: numberIn(block, 'weight', 0, statement),
      ...(user !== undefined && { user }),
    },
  ];
}

function commandOf(statement: Statement): CommandLine {
  const [command = '', ...beyond] = commandLine(statement);
  return { ...said(statement, commandWords(command)), beyond };
}

function processOf(statement: Statement): TrackedProcess {
  const { block = [], words, file, line } = statement;
  const delay = numberIn(block, 'delay', 0, statement);
  return {
    ...{ file, line, name: words[1] ?? '' },
    command: posix.basename(last(block, 'process')?.words[1] ?? ''),
    terminateDelayMs: milliseconds(numberIn(block, 'terminate_delay', delay.value, statement)),
    weight: numberIn(block, 'weight', 0, statement),
  };
}

function groupOf({ block, words, file, line }: Statement): SyncGroup {
  return {
    ...{ file, line, name: words[1] ?? '' },
    members: within(block, 'group').flatMap((member) => member.words.map((name) => said(member, name))),
    keepsWeights: last(block, 'sync_group_tracking_weight') !== undefined,
  };
}

function numberIn(
  block: readonly Statement[],
  keyword: string,
  otherwise: number,
  place: Place,
): Said<number> {
  const statement = last(block, keyword);
  const value = Number(statement?.words[1] ?? Number.NaN);
  return said(
    statement ?? place,
    Number.isFinite(value) ? value : otherwise,
    statement !== undefined && Number.isFinite(value),
  );
}

function milliseconds(seconds: Said<number>): Said<number> {
  return { ...seconds, value: Math.round(seconds.value * 1000) };
}

/** A flag that may be switched off again: `vrrp_strict off`. */
function flag(statement: Statement | undefined): Statement | undefined {
  return /^(off|false|no)$/i.test(statement?.words[1] ?? '') ? undefined : statement;
}

function said<T>({ file, line }: Place, value: T, written = true): Said<T> {
  return { file, line, value, written };
}

/** A script's path where it is one: the first word, absolute. */
export function scriptPath(command: readonly string[]): string | undefined {
  const [first = ''] = command;
  return first.startsWith('/') ? posix.normalize(first) : undefined;
}

/**
 * Whether an instance takes the VIP from a lower priority: keepalived ignores `nopreempt` where the initial state is
 * MASTER or the priority that of the owner (vrrp_complete_instance() of keepalived/vrrp/vrrp.c).
 */
export function preempts({ nopreempt, state, priority }: Instance): boolean {
  return !nopreempt || state.value === 'MASTER' || priority.value === OWNER_PRIORITY;
}

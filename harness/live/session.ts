import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunFacts, StoredRun } from '../analysis/verdict/facts.ts';
import type { AmphoraLab } from '../lab/amphora-lab.ts';
import { backEndsFor } from '../lab/backends.ts';
import type { Lab, LabNode } from '../lab/lab.ts';
import { PlainLab } from '../lab/plain/plain-lab.ts';
import { untilSteady } from '../lab/steady-pair.ts';
import { heldAtFirst, holdersAfter } from '../observations/holders.ts';
import type { LabObservation } from '../observations/observation.ts';
import { ObservationLog } from '../observations/observation-log.ts';
import { servedFor } from '../observations/steady-requests.ts';
import { Observers } from '../observers/observers.ts';
import { html } from '../report/page/html.ts';
import { keepConfigurations, versionsOf } from '../run/execute.ts';
import { pairInOrder, pairNow } from '../run/pair-now.ts';
import { RUN_FILES, readConfigurations, writeFacts } from '../run/run-folder.ts';
import { said, WORDS } from '../scenario/story/words.ts';
import {
  HELD,
  OUTAGE_PATIENCE_MS,
  probeFor,
  requestsToSettle,
  STEADY_REQUESTS,
} from '../scenario/world/probes.ts';
import type { World } from '../scenario/world/world.ts';
import { shellWord } from '../syntax/shell-word.ts';
import { UsageError } from '../usage-error.ts';
import { type Ailment, refuseImpossible, stillAiling } from './ailments.ts';
import { controls, givenIn } from './controls.ts';
import { type Demand, type MeasuredEpisode, measured } from './episode.ts';
import { JournalTails } from './journals.ts';
import { type KnownStories, knownStories, type Roles, type Told } from './known-stories.ts';
import { livePage } from './page.ts';
import { type Step, savedScenario } from './saved.ts';
import type { Order, Site } from './server.ts';
import { Follower, type LiveState, type Scene } from './state.ts';
import { deedText, type Fragments, fragmentsOf } from './view.ts';

const SERVICE_LIMIT_MS = 30_000;
/** So long what is observed stays in memory: an episode is over by then. */
const REMEMBERED_NS = 600_000_000_000n;
const FORGETS_EVERY_MS = 60_000;
/** Time that the fabric needs to have a fault's program ready for its instant. */
const READY_MS = 60;

/** What a session needs to know besides its lab. */
export interface SessionRequest {
  readonly lab: AmphoraLab | PlainLab;
  /** For history, journals and configurations. */
  readonly folder: string;
  /** Where scenarios are saved. */
  readonly scenarios: string;
  /** Flags of the command that built the lab: with them, a scenario runs in such a lab. */
  readonly flags: readonly string[];
  /** The file of its load balancer, where that is no scenario's. */
  readonly loadBalancer?: string | undefined;
  readonly agent?: RunFacts['agent'];
}

/** Back ends that have a port of their own in the switch. */
function membersOf(lab: SessionRequest['lab']): readonly string[] {
  const backEnds =
    lab instanceof PlainLab ? lab.plan.backEnds : backEndsFor(lab.deployment.loadBalancer.pools);
  return backEnds.filter(({ onMachine }) => onMachine === undefined).map(({ name }) => name);
}

function shownIn(lab: Lab): Scene['nodes'] {
  return lab.nodes.map((node) => ({
    name: node.instance.name,
    vrrpIp: node.vrrp_ip,
    mac: lab.macOf(node) ?? '',
  }));
}

/** As one types a word: quoted where it has to be. */
function typed(word: string): string {
  return /^[\w=.,:/-]+$/.test(word) ? word : shellWord(word);
}

function rolesOf(nodes: readonly LabNode[]): Roles {
  const roles = ['master', 'backup', 'third'];
  return new Map(nodes.flatMap(({ instance }, n) => (roles[n] ? [[roles[n], instance.name]] : [])));
}

/** An order in the words of a story. */
function toldAs({ part, word, given }: Order, roles: Roles): Told {
  const roleOf = new Map([...roles].map(([role, name]) => [name, role]));
  return {
    part,
    word,
    given: given.map((each) => (typeof each === 'string' ? (roleOf.get(each) ?? each) : each)),
  };
}

/** A step with what it did. */
type Done = Omit<Step, 'servedBy'> & { readonly deed: LabObservation; servedBy?: string };

/** A lab that is observed as in a run, while somebody does things in it by hand. */
export class Session implements Site, AsyncDisposable {
  readonly #request: SessionRequest;
  readonly #world: World;
  readonly #observers: Observers;
  #facts: RunFacts;
  #configurations: StoredRun['configurations'];
  readonly #stories: KnownStories;
  readonly #disposal: AsyncDisposableStack;
  readonly #follower: Follower;
  readonly #tails: JournalTails;
  /** When observation began. */
  readonly #originNs: bigint;
  readonly #members = new Set<string>();
  readonly #steps: Done[] = [];
  readonly #episodes: MeasuredEpisode[] = [];
  readonly #open = new Set<string>();
  #ailing: Ailment[] = [];
  /** Entries of the history that the follower has seen. */
  #seen = 0;
  #refreshing: Promise<void> | undefined;

  private constructor(parts: {
    readonly request: SessionRequest;
    readonly world: World;
    readonly observers: Observers;
    readonly facts: RunFacts;
    readonly configurations: StoredRun['configurations'];
    readonly stories: KnownStories;
    readonly disposal: AsyncDisposableStack;
  }) {
    this.#request = parts.request;
    this.#world = parts.world;
    this.#observers = parts.observers;
    this.#facts = parts.facts;
    this.#configurations = parts.configurations;
    this.#stories = parts.stories;
    this.#disposal = parts.disposal;
    this.#tails = new JournalTails(parts.request.folder);
    const { lab, log, master } = parts.world;
    this.#originNs = BigInt(log.entries[0]?.atNs ?? 0);
    this.#follower = new Follower({
      vip: lab.vip,
      holder: heldAtFirst(log.entries, lab.vip, master.instance.name),
      nodes: shownIn(lab),
    });
    const forgetting = setInterval(() => this.#forget().catch(() => {}), FORGETS_EVERY_MS);
    this.#disposal.defer(async () => clearInterval(forgetting));
  }

  /**
   * Has a lab observed, and waits until clients are served and the pair is steady.
   *
   * @throws InstrumentLate, NotObserved, NotSteady
   */
  static async begin(request: SessionRequest): Promise<Session> {
    const { lab, folder } = request;
    await using stack = new AsyncDisposableStack();
    const log = stack.use(new ObservationLog(join(folder, RUN_FILES.history)));
    const stories = knownStories();
    const observers = stack.use(await Observers.start(lab, log, folder));
    const probe = probeFor({ patienceMs: OUTAGE_PATIENCE_MS });
    observers.watch(lab, HELD);
    observers.probe(lab, probe);
    await servedFor(log, STEADY_REQUESTS, SERVICE_LIMIT_MS);
    await untilSteady(lab);
    const [{ roles, pair }, versions, configurations] = await Promise.all([
      pairNow(lab),
      versionsOf(lab),
      keepConfigurations(lab, folder),
    ]);
    const facts: RunFacts = {
      ...{ factsVersion: 1, scenario: 'live', index: 1, phaseShare: 0, parameters: {}, probe },
      ...{ checks: [], measures: {}, labUpMs: 0, wallMs: 0, versions, configurations },
      ...(request.agent && { agent: request.agent }),
      journals: observers.journals,
      pair,
    };
    await writeFacts(folder, facts);
    const world: World = {
      ...{ lab, log, ...roles, checks: [], probe, measures: {} },
      atPhase: async () => BigInt(Date.now() + READY_MS) * 1_000_000n,
    };
    return new Session({
      ...{ request, world, observers, facts, stories: await stories },
      configurations: await readConfigurations(folder),
      disposal: stack.move(),
    });
  }

  /** Whether a browser looks or not, memory is bounded. */
  async #forget(): Promise<void> {
    await this.#refresh();
    const { log } = this.#world;
    log.forget(BigInt(Date.now()) * 1_000_000n - REMEMBERED_NS);
    this.#seen = log.entries.length;
  }

  async page(): Promise<string> {
    const { lab } = this.#request;
    const roles = this.#roles;
    const examples = new Map(
      [...this.#stories.examples].map(([word, given]) => [
        word,
        given.map((each) => roles.get(String(each)) ?? each),
      ]),
    );
    return livePage(
      {
        title: `Lab ${lab.name}`,
        lead: html`A live lab: clients ask it a hundred times a second. Break something, and see what it costs them.`,
        controls: controls({
          machines: lab.nodes.map(({ instance }) => instance.name),
          ...{ members: membersOf(lab), amphorae: !(lab instanceof PlainLab), examples },
        }),
      },
      await this.now(),
    );
  }

  async now(): Promise<Fragments> {
    return fragmentsOf(await this.#state(), {
      members: [...this.#members].sort(),
      episodes: this.#episodes,
      open: [...this.#open],
      originNs: this.#originNs,
    });
  }

  async act(order: Order): Promise<string> {
    const { lab, log } = this.#world;
    const { part, word } = order;
    const given = givenIn(order, lab.nodes, membersOf(this.#request.lab));
    this.#ailing = [...stillAiling(this.#ailing, (await this.#state()).nodes)];
    refuseImpossible(order, this.#ailing);
    const ailing = [...this.#ailing];
    const demand = this.#demandOf(order);
    const before = { facts: this.#facts, configurations: this.#configurations };
    const deed = (await said(this.#world, part, word, given).catch((error: unknown) => {
      // What was not done is not there to be repaired.
      this.#ailing = ailing;
      throw error;
    })) as LabObservation;
    if (part === 'change') await this.#learnAnew();
    const step: Done = { ...order, deed };
    this.#steps.push(step);
    const what = deedText(deed);
    this.#open.add(what);
    void this.#untilOver()
      .then(() => this.#measure(step, demand, before))
      .catch((error: Error) => process.stderr.write(`${what}: ${error.message}\n`))
      .finally(() => this.#open.delete(what));
    return `${part}.${word} was done at ${new Date(Number(BigInt(deed.atNs) / 1_000_000n)).toISOString().slice(11, 23)}; ${log.entries.length} observations so far.`;
  }

  async save(name: string): Promise<string> {
    const [first] = this.#steps;
    const roles = this.#roles;
    const text = savedScenario(
      name,
      this.#steps,
      [...roles.values()],
      first && this.#stories.beginningWith(toldAs(first, roles)),
    );
    const file = join(this.#request.scenarios, `${name}.ts`);
    if (existsSync(file)) throw new UsageError(`${file} is there already: give the scenario another name.`);
    await writeFile(file, text);
    const { flags, loadBalancer } = this.#request;
    const command = ['npm run scenario --', ...[name, ...flags].map(typed)].join(' ');
    const other = loadBalancer && ` It has the testbed's own load balancer, not that of ${loadBalancer}.`;
    return `Written to ${file}. Run it: ${command}${other ? `.${other}` : ''}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposal.disposeAsync();
  }

  /** The machines by the role that they had at first. */
  get #roles(): Roles {
    const { master, backup, others } = this.#world;
    return rolesOf([master, backup, ...others]);
  }

  /** The same by who holds the VIP now. */
  get #rolesNow(): Roles {
    return rolesOf(this.#holderFirst);
  }

  get #holderFirst(): readonly LabNode[] {
    const { lab, log, master } = this.#world;
    const held = [...holdersAfter(log.entries, lab.vip, master.instance.name)].at(-1);
    const isHolder = ({ instance }: LabNode) => instance.name === held;
    return lab.nodes.toSorted((one, other) => Number(isHolder(other)) - Number(isHolder(one)));
  }

  /** Where machines were replaced: who takes part now, and how they are configured. */
  async #learnAnew(): Promise<void> {
    const { lab } = this.#world;
    const { folder } = this.#request;
    const known = new Set(Object.keys(this.#facts.configurations));
    if (lab.nodes.every(({ instance }) => known.has(instance.name))) return;
    const [configurations, pair] = await Promise.all([
      keepConfigurations(lab, folder),
      pairInOrder(lab, this.#holderFirst),
    ]);
    const { journals } = this.#observers;
    this.#facts = { ...this.#facts, configurations, journals, pair };
    await writeFacts(folder, this.#facts);
    this.#configurations = await readConfigurations(folder);
  }

  /** What the protocol demands of something that is about to be done; undefined where nobody can say. */
  #demandOf(order: Order): Demand | undefined {
    const [ailment, ...more] = this.#ailing;
    const roles = ailment?.roles ?? this.#rolesNow;
    const told = toldAs(order, roles);
    const word = WORDS.fault[order.word];
    if (order.part === 'heal') {
      this.#ailing = this.#ailing.filter(({ heal, told: { given } }) => {
        const undone = heal === order.word && given.some((each) => told.given.includes(each));
        return !(undone || (heal === order.word && told.given.length === 0));
      });
      if (!ailment || more.length > 0) return undefined;
      const demand = this.#stories.repairAfter(ailment.told, told);
      return demand === 'nothing' ? () => 0 : demand;
    }
    if (order.part === 'fault' && word?.heal) this.#ailing.push({ told, roles, heal: word.heal.name });
    return ailment ? undefined : this.#stories.beginningWith(told)?.model;
  }

  /** Resolves when clients have been served for a while, or when waiting longer tells nothing more. */
  async #untilOver(): Promise<void> {
    const { log, probe } = this.#world;
    await servedFor(log, requestsToSettle(probe), SERVICE_LIMIT_MS).catch(() => {});
    await this.#observers.packetsRead().catch(() => {});
  }

  /** @param before who took part when it was done */
  async #measure(
    step: Done,
    demand: Demand | undefined,
    before: Pick<StoredRun, 'facts' | 'configurations'>,
  ): Promise<void> {
    await this.#refresh();
    const { log } = this.#world;
    const stored: StoredRun = { ...before, history: log.entries, journals: this.#tails.texts };
    const last = log.entries.findLast((entry) => entry.kind === 'request' && entry.outcome === 'answered');
    const server = this.#world.lab.nodes.find(
      ({ vrrp_ip }) => last?.kind === 'request' && last.servedBy === vrrp_ip,
    );
    const isNewest = this.#steps.at(-1)?.deed === step.deed;
    const episode = measured(stored, step.deed, demand);
    if (server && isNewest && episode.run.over !== false) step.servedBy = server.instance.name;
    this.#episodes.push(episode);
  }

  async #state(): Promise<LiveState> {
    await this.#refresh();
    return this.#follower.at(BigInt(Date.now()) * 1_000_000n);
  }

  /** Follows the history and the journals up to now; one at a time. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#readOn().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #readOn(): Promise<void> {
    const { lab } = this.#world;
    await this.#observers.follow(lab);
    this.#follower.belong(shownIn(lab));
    const lines = await this.#tails.more(this.#observers.journals);
    for (const line of lines) this.#follower.see(line);
    const { entries } = this.#world.log;
    for (; this.#seen < entries.length; this.#seen++) {
      const entry = entries[this.#seen];
      if (!entry) continue;
      this.#follower.see(entry);
      if (entry.kind === 'request' && entry.member) this.#members.add(entry.member);
    }
  }
}

import { Follower, type Happening, knownNs, type LiveState, type Scene } from './state.ts';

/** Entries between two places at which a film can be entered. */
const SCENE_ENTRIES = 2000;

/** A stored history that can be shown at any instant: its state is kept here and there, and followed on from the nearest. */
export class Film {
  readonly #entries: readonly { readonly entry: Happening; readonly ns: bigint }[];
  readonly #kept: { readonly next: number; readonly untilNs: bigint; readonly follower: Follower }[];

  constructor(history: readonly Happening[], scene: Scene) {
    this.#entries = history
      .map((entry) => ({ entry, ns: knownNs(entry) }))
      .sort((one, other) => (one.ns < other.ns ? -1 : one.ns > other.ns ? 1 : 0));
    const follower = new Follower(scene);
    this.#kept = [{ next: 0, untilNs: 0n, follower: follower.copy() }];
    for (const [n, { entry, ns }] of this.#entries.entries()) {
      follower.see(entry);
      if ((n + 1) % SCENE_ENTRIES === 0) {
        follower.forget(ns);
        this.#kept.push({ next: n + 1, untilNs: ns, follower: follower.copy() });
      }
    }
  }

  at(atNs: bigint): LiveState {
    const kept = this.#kept.findLast(({ untilNs }) => untilNs <= atNs);
    if (!kept) throw new Error('A film can be entered at its beginning.');
    const follower = kept.follower.copy();
    for (let n = kept.next; n < this.#entries.length; n++) {
      const next = this.#entries[n];
      if (!next || next.ns > atNs) break;
      follower.see(next.entry);
    }
    return follower.at(atNs);
  }
}

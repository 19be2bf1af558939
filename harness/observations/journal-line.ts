/** A line of a machine's journal. */
export interface JournalLine {
  readonly kind: 'journal';
  /** ns since the epoch, decimal. */
  readonly atNs: string;
  readonly node: string;
  readonly text: string;
}

/** HAProxy's line for each request, of which there are hundreds a second: observers see requests better. */
const ACCESS = /^haproxy\[\d+\]: (?:- \S+ \S+ \S+ |\S+:\d+ \[|Connect from )/;

/**
 * Reads a line as `journalctl --output=short-unix` writes it: `seconds.micros host identifier[pid]: message`.
 *
 * @returns undefined for what is no such line, and for HAProxy's lines about requests
 */
export function readJournalLine(node: string, line: string): JournalLine | undefined {
  const [, seconds, micros, text] = /^(\d+)\.(\d{6}) \S+ (.*)$/.exec(line) ?? [];
  if (!seconds || !micros || !text || ACCESS.test(text)) return undefined;
  return {
    kind: 'journal',
    atNs: String(BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1000n),
    node,
    text,
  };
}

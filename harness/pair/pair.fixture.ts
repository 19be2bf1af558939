import { basename, join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../project.ts';
import { overlaysIn } from './configuration/folder.ts';
import type { Overlay, OverlayFile } from './configuration/overlay.ts';
import { readPair } from './configuration/pair.ts';
import { examine } from './examine.ts';
import { allRules, type Finding } from './rule.ts';

export const EXAMPLES = join(PROJECT_ROOT, 'examples/pairs');
/** A pair without a mistake. */
const GOOD = join(EXAMPLES, 'good-unicast');

/** What becomes of a file's text; undefined takes the file away. */
type Change = (text: string) => string | undefined | OverlayFile;
/** By path, such as `b/etc/keepalived/keepalived.conf`; `*` stands for every node. */
export type Changes = Readonly<Record<string, Change>>;

export const A = 'a/etc/keepalived/keepalived.conf';
export const B = 'b/etc/keepalived/keepalived.conf';
export const BOTH = '*/etc/keepalived/keepalived.conf';
export const PROXIES = '*/etc/haproxy/haproxy.cfg';
export const CHECKS = '*/etc/keepalived/check-haproxy.sh';

/** Replaces text that must be there. */
export function swap(old: string, fresh: string): Change {
  return (text) => {
    if (!text.includes(old)) throw new Error(`There is no "${old}" to replace.`);
    return text.replaceAll(old, fresh);
  };
}

/** Several replacements, one after the other. */
export function swaps(...pairs: readonly (readonly [string, string])[]): Change {
  return (text) => pairs.reduce((now, [old, fresh]) => String(swap(old, fresh)(now)), text);
}

/** Writes a file, executable where it has an interpreter line. */
export function put(text: string, executable = text.startsWith('#!')): Change {
  return () => ({ text, executable });
}

export const gone: Change = () => undefined;

function changed(overlay: Overlay, changes: Changes): Overlay {
  const files = new Map(overlay.files);
  for (const [where, change] of Object.entries(changes)) {
    const [node = '', ...path] = where.split('/');
    if (node !== '*' && node !== overlay.name) continue;
    const file = files.get(path.join('/'));
    const fresh = change(file?.text ?? '');
    if (fresh === undefined) files.delete(path.join('/'));
    else
      files.set(
        path.join('/'),
        typeof fresh === 'string' ? { executable: false, ...file, text: fresh } : fresh,
      );
  }
  return { ...overlay, files };
}

/** The good pair with changes. */
export async function goodPair(changes: Changes = {}, packages: readonly string[] = []) {
  const overlays = (await overlaysIn(GOOD)).map((overlay) => changed(overlay, changes));
  const pair = readPair(overlays, { packages });
  const findings = examine(pair, await allRules());
  return { pair, overlays, findings };
}

/** Plants a mistake in the good pair: the rule that the test file is named after finds it, in this line. */
export function finds(
  testFile: string,
  what: string,
  changes: Changes,
  [file, line]: readonly [string, string],
): void {
  const rule = basename(testFile, '.test.ts');
  test(`${rule}: ${what}`, async (t) => {
    const { overlays, findings } = await goodPair(changes);
    const [node, ...path] = file.split('/');
    const text = overlays.find(({ name }) => name === node)?.files.get(path.join('/'))?.text ?? '';
    const wanted = text.split('\n').findIndex((each) => each.includes(line)) + 1;
    t.true(wanted > 0, `"${line}" is in ${file}`);
    t.true(
      findings.some((finding) => finding.rule === rule && finding.file === file && finding.line === wanted),
      shown(findings),
    );
  });
}

/** What looks like the mistake and is none. */
export function spares(
  testFile: string,
  what: string,
  changes: Changes,
  packages: readonly string[] = [],
): void {
  const rule = basename(testFile, '.test.ts');
  test(`${rule} is silent: ${what}`, async (t) => {
    const { findings } = await goodPair(changes, packages);
    t.deepEqual(
      findings.filter((finding) => finding.rule === rule),
      [],
    );
  });
}

function shown(findings: readonly Finding[]): string {
  return findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`).join(', ') || 'nothing was found';
}

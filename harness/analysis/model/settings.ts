/** The files of an amphora whose settings are kept and compared. */
export const CONFIGURATION_FILES = ['keepalived.conf', 'haproxy.cfg'] as const;
export type ConfigurationFile = (typeof CONFIGURATION_FILES)[number];

/** By amphora, the settings of each file. */
export type Configurations = Readonly<
  Record<string, Readonly<Partial<Record<ConfigurationFile, readonly string[]>>>>
>;

/** A UUID, with or without its dashes: each lab has its own. */
const IDENTIFIER = /\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b/g;
/** A peer is named by a digest of its amphora's identifier. */
const PEER = /^peer \S+/;

/**
 * The settings of a rendered file, each with its section: `vrrp_instance: priority 90`. Comments, space and
 * identifiers are left out, so that equal configurations of two labs are equal.
 */
export function settingsOf(file: ConfigurationFile, text: string): readonly string[] {
  const lines = text.replace(IDENTIFIER, '<id>').split('\n');
  return file === 'keepalived.conf' ? inBraces(lines) : bySections(lines);
}

function inBraces(lines: readonly string[]): readonly string[] {
  const open: string[] = [];
  return lines.flatMap((line) => {
    const words = line.replace(/[#!].*$/, '').match(/\S+/g) ?? [];
    const [first = ''] = words;
    if (words.at(-1) === '{') open.push(first);
    else if (first === '}') open.pop();
    else if (first !== '') return [`${open.join('/')}: ${words.join(' ')}`];
    return [];
  });
}

function bySections(lines: readonly string[]): readonly string[] {
  let section = '';
  return lines.flatMap((line) => {
    const words = line.replace(/(^|\s)#.*$/, '').trim();
    if (words === '') return [];
    // A section begins at the margin (HAProxy's Configuration Manual, section 2.1).
    if (/^\S/.test(line)) {
      section = words.split(/\s/)[0] ?? '';
      return [`: ${words}`];
    }
    return [`${section}: ${words.replace(PEER, 'peer <name>').replace(/\s+/g, ' ')}`];
  });
}

/** The settings that differ between two pairs, as `amphora-2, keepalived.conf: priority 90 → 40`. */
export function settingChanges(before: Configurations, after: Configurations): readonly string[] {
  const nodes = Object.keys(before).filter((node) => after[node]);
  return CONFIGURATION_FILES.flatMap((file) => {
    const changed = nodes.map((node) => {
      const [old, now] = [before[node]?.[file], after[node]?.[file]];
      return { node, changes: old && now ? changesBetween(old, now).join(', ') : '' };
    });
    // Mostly both amphorae have the same settings.
    const alike = Map.groupBy(changed, ({ changes }) => changes);
    return [...alike]
      .filter(([changes]) => changes !== '')
      .map(([changes, where]) => `${where.map(({ node }) => node).join(' and ')}, ${file}: ${changes}`);
  });
}

function changesBetween(before: readonly string[], after: readonly string[]): readonly string[] {
  const gone = without(before, after);
  const fresh = without(after, before);
  const changed = gone.map((old) => {
    const alike = fresh
      .map((line) => ({ line, shared: sharedWords(old, line) }))
      .filter(({ shared }) => shared >= 2)
      .sort((a, b) => b.shared - a.shared)[0];
    if (!alike) return `${shown(old)} removed`;
    fresh.splice(fresh.indexOf(alike.line), 1);
    const rest = alike.line.split(' ').slice(alike.shared).join(' ');
    return `${shown(old)} → ${rest || 'nothing'}`;
  });
  return [...changed, ...fresh.map((line) => `${shown(line)} added`)];
}

/** The lines of one that the other lacks; a repeated line counts twice. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return lines.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** How many words both begin with; the first is the section, the second the setting's name. */
function sharedWords(a: string, b: string): number {
  const [one, other] = [a.split(' '), b.split(' ')];
  const differs = one.findIndex((word, n) => word !== other[n]);
  return differs < 0 ? one.length : differs;
}

/** Without its section where that is clear. */
function shown(setting: string): string {
  return setting.replace(/^(vrrp_instance)?: /, '');
}

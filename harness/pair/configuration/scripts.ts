import { basename } from 'node:path/posix';
import type { Place } from '../../syntax/statement.ts';
import { fileAt, type OverlayFile } from './overlay.ts';
import type { Node } from './pair.ts';
import { neverFails } from './shell.ts';
import { scriptPath } from './vrrp.ts';

/** A command that keepalived starts. */
export interface Command extends Place {
  readonly node: Node;
  /** `chk_haproxy`, or `notify_master`. */
  readonly name: string;
  readonly isCheck: boolean;
  readonly words: readonly string[];
  /** The script's absolute path, unless a package brings it. */
  readonly path?: string;
  /** The script in the node's folder. */
  readonly script?: OverlayFile;
}

/** Programs in these folders come from packages. */
const PACKAGED = /^\/(s?bin|lib\w*|usr\/(s?bin|lib\w*|libexec|share))\//;
const SHELL = /^(ba|da|a|k|z)?sh$/;

/** The checks and the notify scripts of a node. */
export function commandsOf(node: Node): readonly Command[] {
  const checks = node.vrrp.scripts.map(({ name, command }) => ({ ...command, name, isCheck: true }));
  const notifies = node.vrrp.notifies.map((notify) => ({ ...notify, name: notify.keyword, isCheck: false }));
  return [...checks, ...notifies].map(({ file, line, name, isCheck, value: words }) => {
    const path = scriptPath(words);
    const script = path === undefined ? undefined : fileAt(node.overlay, path);
    const own = path !== undefined && (script !== undefined || !PACKAGED.test(path));
    return {
      ...{ file, line, node, name, isCheck, words },
      ...(own && { path }),
      ...(script && { script }),
    };
  });
}

/** What a command's shell reads: its script, or the text behind `sh -c`; undefined where no shell reads it. */
export function shellTextOf({ words, script }: Command): string | undefined {
  if (script) {
    const [, interpreter] = /^#!\s*(?:\S*\/env\s+)?(\S+)/.exec(script.text) ?? [];
    return interpreter === undefined || SHELL.test(basename(interpreter)) ? script.text : undefined;
  }
  const [program = '', option, text] = words;
  return SHELL.test(basename(program)) && option === '-c' ? text : undefined;
}

/** What makes a command succeed whatever it finds; undefined where it may fail, or that is unclear. */
export function whyItCannotFail(command: Command): string | undefined {
  const program = basename(command.words[0] ?? '');
  if (/^(true|:|echo)$/.test(program)) return `${program} always succeeds`;
  const text = shellTextOf(command);
  return text === undefined ? undefined : neverFails(text);
}

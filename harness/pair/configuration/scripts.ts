import { basename } from 'node:path/posix';
import type { Place } from '../../syntax/statement.ts';
import { fileAt, type OverlayFile } from './overlay.ts';
import type { Node } from './pair.ts';
import { neverFails, withoutComments } from './shell.ts';
import { scriptPath, trackedScripts } from './vrrp.ts';

/** A command that keepalived starts. */
export interface Command extends Place {
  readonly node: Node;
  /** `chk_haproxy`, or `notify_master`. */
  readonly name: string;
  readonly isCheck: boolean;
  readonly words: readonly string[];
  /** What stands behind the command, outside of its quotes. */
  readonly beyond: readonly string[];
  /** The script's absolute path, unless a package brings it. */
  readonly path?: string;
  /** The script in the node's folder. */
  readonly script?: OverlayFile;
  /** The program that is given the script to read; absent where the script is started itself. */
  readonly interpreter?: string;
}

/** Programs in these folders come from packages. */
const PACKAGED = /^\/(s?bin|lib\w*|usr\/(s?bin|lib\w*|libexec|share))\//;
const SHELL = /^(ba|da|a|k|z)?sh$/;
const INTERPRETER = /^((ba|da|a|k|z)?sh|python[\d.]*|perl|php|ruby)$/;

/** The checks that a node runs, and its notify scripts. */
export function commandsOf(node: Node): readonly Command[] {
  const checks = trackedScripts(node.vrrp).map(({ name, command }) => ({ ...command, name, isCheck: true }));
  const notifies = node.vrrp.notifies.map((notify) => ({ ...notify, name: notify.keyword, isCheck: false }));
  return [...checks, ...notifies].map(({ file, line, name, isCheck, beyond, value: words }) => {
    const interpreter = interpreterOf(words);
    const path = scriptPath(interpreter === undefined ? words : words.slice(1));
    const script = path === undefined ? undefined : fileAt(node.overlay, path);
    const own = path !== undefined && (script !== undefined || !PACKAGED.test(path));
    return {
      ...{ file, line, node, name, isCheck, words, beyond },
      ...(own && { path }),
      ...(script && { script }),
      ...(own && interpreter !== undefined && { interpreter }),
    };
  });
}

/** `sh /etc/keepalived/check.sh` has a shell read the script, which needs no permission and no interpreter line. */
function interpreterOf([program = '', file = '']: readonly string[]): string | undefined {
  return INTERPRETER.test(basename(program)) && file.startsWith('/') ? basename(program) : undefined;
}

/** What a command's shell reads: its script, or the text behind `sh -c`; undefined where no shell reads it. */
export function shellTextOf({ words, script, interpreter }: Command): string | undefined {
  if (script) {
    const [, named] = /^#!\s*(?:\S*\/env\s+)?(\S+)/.exec(script.text) ?? [];
    const reader = interpreter ?? named;
    return reader === undefined || SHELL.test(basename(reader)) ? script.text : undefined;
  }
  const [program = '', option, text] = words;
  return SHELL.test(basename(program)) && option === '-c' ? text : undefined;
}

/** What a command runs, without comments; undefined where that is a program which nothing is known of. */
export function codeOf(command: Command): string | undefined {
  const text = shellTextOf(command) ?? (command.path === undefined ? command.words.join(' ') : undefined);
  return text === undefined ? undefined : withoutComments(text);
}

/** What makes a command succeed whatever it finds; undefined where it may fail, or that is unclear. */
export function whyItCannotFail(command: Command): string | undefined {
  const program = basename(command.words[0] ?? '');
  if (/^(true|:|echo)$/.test(program)) return `${program} always succeeds`;
  const text = shellTextOf(command);
  return text === undefined ? undefined : neverFails(text);
}

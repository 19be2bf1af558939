/** How a machine's systemd tells what has become of a unit. */
import type { Fabric } from './fabric/fabric.ts';
import type { Machine } from './lab.ts';
import { inAmphora } from './namespaces.ts';

/** So much of the journal is shown. */
const LAST_LINES = 5;

/** What systemd and the journal say of a unit now, in sentences; for errors: it says so where neither can be asked. */
export async function unitNow(
  fabric: Pick<Fabric, 'attempt'>,
  instance: Pick<Machine, 'pid'>,
  unit: string,
): Promise<string> {
  const ask = async (...argv: readonly string[]) => {
    const [asked] = await fabric.attempt({ argv: inAmphora(instance, ...argv) });
    return asked?.stdout ?? '';
  };
  const state = await ask('systemctl', 'show', unit, '--property=ActiveState,SubState,Result');
  const journal = await ask('journalctl', '--boot', `--unit=${unit}`, `--lines=${LAST_LINES}`);
  return sentences(unit, state, journal.split('\n').filter(Boolean));
}

/**
 * The same of what was asked already.
 *
 * @param state what `systemctl show` tells of the unit; empty where systemd does not answer
 * @param said the journal of the unit
 */
export function sentences(unit: string, state: string, said: readonly string[]): string {
  const properties = Object.fromEntries(
    state
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );
  const { ActiveState, SubState, Result } = properties as Readonly<Record<string, string | undefined>>;
  const is =
    ActiveState === undefined
      ? 'Its systemd does not answer.'
      : `${unit} is ${ActiveState} (${SubState}), its result is ${Result}.`;
  const journal =
    said.length === 0
      ? 'The journal of the unit has no line.'
      : `The journal of the unit ends with:\n${said.slice(-LAST_LINES).join('\n')}`;
  return `${is} ${journal}`;
}

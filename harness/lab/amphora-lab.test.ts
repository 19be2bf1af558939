import test from 'ava';
import { keepalivedUnit, lvsUnit } from '../../src/templates/units.ts';
import { VRRP_COMMAND } from './amphora-lab.ts';

for (const profile of ['current', 'rocky'] as const) {
  test(`${profile}: of two keepalived in an amphora, the one that speaks VRRP is found`, (t) => {
    const command = (unit: string) => /^ExecStart=.* exec \S+ (.*)$/m.exec(unit)?.[1] ?? '';
    t.regex(command(keepalivedUnit(profile)), new RegExp(VRRP_COMMAND));
    t.regex(command(lvsUnit('7d1d', profile)), /^\S*keepalived .*-f /);
    t.notRegex(command(lvsUnit('7d1d', profile)), new RegExp(VRRP_COMMAND));
  });
}

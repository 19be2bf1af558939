import test from 'ava';
import { diagnose } from './diagnosis.ts';

test('where labs run, nothing that they need is said to be missing', async (t) => {
  const findings = await diagnose();
  t.deepEqual(
    findings.filter(({ state }) => state === 'bad'),
    [],
  );
  t.true(findings.some(({ what }) => what === 'packet capture'));
});

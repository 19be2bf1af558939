import test from 'ava';
import { lookedAt } from '../../world/world.fixture.ts';

const VISITS = new Map([
  ['198.18.0.1', 'member-1'],
  ['198.18.0.2', 'member-2'],
]);

test.serial('sameMembers: clients who meet the member that they met before hold it', async (t) => {
  await lookedAt(t, {
    expect: (expect) => expect.sameMembers(VISITS),
    answers: { run: () => '198.18.0.1 member-1\n198.18.0.2 member-2\n' },
    holds: /^2 clients, 2 members$/,
  });
});

for (const [said, again] of [
  ['198.18.0.1 member-1\n198.18.0.2 member-1\n', 'member-2, then member-1'],
  ['198.18.0.1 member-1\n', 'member-2, then no answer'],
] as const) {
  test.serial(`sameMembers: ${again} does not hold`, async (t) => {
    await lookedAt(t, {
      expect: (expect) => expect.sameMembers(VISITS),
      answers: { run: () => said },
      fails: new RegExp(`1 of 2 do not, e\\.g\\. 198\\.18\\.0\\.2: ${again}`),
    });
  });
}

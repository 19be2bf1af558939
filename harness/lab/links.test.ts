import test from 'ava';
import type { Step, StepResult } from './fabric/protocol.ts';
import { addAnew } from './links.ts';

/** A fabric whose ip(8) adds links, unless they are there, or it is refused. */
function fabric(there: string[], refused = false) {
  const taken: string[] = [];
  const take = (step: Step): StepResult => {
    const { argv, stdin = '' } = step as { argv: readonly string[]; stdin?: string };
    taken.push(`${argv.join(' ')}: ${stdin.trim().replaceAll('\n', ', ')}`);
    const links = new Set(there);
    const said = stdin
      .trim()
      .split('\n')
      .flatMap((line, n) => {
        const [, verb, name = ''] = /^link (delete|add) (?:dev )?(\w+)/.exec(line) ?? [];
        const failed = verb === 'add' ? refused || links.has(name) : verb === 'delete' && !links.has(name);
        if (failed)
          return [refused ? 'Operation not permitted' : 'No such link', `Command failed -:${n + 1}`];
        if (verb === 'delete') links.delete(name);
        return [];
      });
    const [stderr, exitCode] = [said.map((line) => `${line}\n`).join(''), Number(said.length > 0)];
    return { exitCode, stdout: '', stderr, startedNs: '0', doneNs: '0' };
  };
  return {
    taken,
    attempt: async (...steps: readonly Step[]) => steps.map(take),
    run: async (...steps: readonly Step[]) => {
      const results = steps.map(take);
      for (const { exitCode, stderr } of results) if (exitCode !== 0) throw new Error(stderr);
      return results;
    },
  };
}

const SWITCH = ['ip', '-n', 'switch'];

for (const [where, there] of [
  ['that are not there', []],
  ['in place of those that the kernel has not removed yet', ['a']],
] as const) {
  test(`links ${where} are added by one program`, async (t) => {
    const lab = fabric([...there]);
    await addAnew(lab, SWITCH, ['a'], ['link add a', 'link set a up']);
    t.deepEqual(lab.taken, ['ip -n switch -force -batch -: link delete dev a, link add a, link set a up']);
  });
}

test('what ip(8) says is the error where a link cannot be added at all', async (t) => {
  await t.throwsAsync(addAnew(fabric([], true), SWITCH, ['a'], ['link add a']), {
    message: /^Operation not permitted/,
  });
});

test('a program that does not start adds nothing', async (t) => {
  const none = async () => [{ exitCode: 127, stdout: '', stderr: 'ENOENT', startedNs: '0', doneNs: '0' }];
  const lab = { attempt: none, run: () => Promise.reject(new Error('ENOENT')) };
  await t.throwsAsync(addAnew(lab, SWITCH, ['a'], ['link add a']), { message: 'ENOENT' });
});

import test from 'ava';
import type { Step, StepResult } from './fabric/protocol.ts';
import { addAnew } from './links.ts';

/** A fabric whose ip(8) adds links, unless they are there, or it is refused. */
function fabric(there: string[], refused = false) {
  const taken: string[] = [];
  const take = (step: Step): StepResult => {
    const { argv, stdin = '' } = step as { argv: readonly string[]; stdin?: string };
    taken.push(`${argv.join(' ')}: ${stdin.trim().replaceAll('\n', ', ')}`);
    const [, removed] = /^link delete dev (\w+)/.exec(stdin) ?? [];
    if (removed !== undefined) there.splice(0, Infinity, ...there.filter((name) => name !== removed));
    const adds = stdin.startsWith('link add');
    const failed = adds && (refused || there.length > 0);
    const stderr = refused ? 'Operation not permitted' : 'File exists';
    return {
      exitCode: Number(failed),
      stdout: '',
      stderr: failed ? stderr : '',
      startedNs: '0',
      doneNs: '0',
    };
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

test('links that are not there are added by one program', async (t) => {
  const lab = fabric([]);
  await addAnew(lab, SWITCH, ['a'], ['link add a', 'link set a up']);
  t.deepEqual(lab.taken, ['ip -n switch -batch -: link add a, link set a up']);
});

test('a link that the kernel has not removed yet makes room first', async (t) => {
  const lab = fabric(['a']);
  await addAnew(lab, SWITCH, ['a'], ['link add a']);
  t.deepEqual(lab.taken, [
    'ip -n switch -batch -: link add a',
    'ip -n switch -force -batch -: link delete dev a',
    'ip -n switch -batch -: link add a',
  ]);
});

test('what ip(8) says is the error where a link cannot be added at all', async (t) => {
  await t.throwsAsync(addAnew(fabric([], true), SWITCH, ['a'], ['link add a']), {
    message: 'Operation not permitted',
  });
});

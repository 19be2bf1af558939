import test from 'ava';
import { EngineTime, type ProcessTime } from './engine-time.ts';

const process = (name: string, pid: number, parent: number, ownMs: number, waitedMs = 0): ProcessTime => ({
  ...{ key: `${pid} 1`, pid, parent, name, ownMs, waitedMs },
});
const nobody = new Set<number>();

test('what the daemons took before does not count, and what they waited for since does', (t) => {
  const time = new EngineTime();
  time.look([process('dockerd', 10, 1, 5000, 900), process('containerd', 11, 10, 3000, 700)], nobody);
  time.look([process('dockerd', 10, 1, 5400, 910), process('containerd', 11, 10, 3100, 760)], nobody);
  t.is(time.totalMs, 410 + 160);
});

test('a program that a daemon starts counts once: by itself while it runs, with the daemon when it has ended', (t) => {
  const time = new EngineTime();
  time.look([process('containerd', 11, 1, 100)], nobody);
  time.look([process('containerd', 11, 1, 100), process('runc', 20, 11, 30)], nobody);
  t.is(time.totalMs, 30);
  time.look([process('containerd', 11, 1, 100, 50)], nobody);
  t.is(time.totalMs, 50);
});

test('a shim counts with its runc, and without the container that it waits for', (t) => {
  const time = new EngineTime();
  time.look([], nobody);
  time.look([process('containerd-shim', 30, 1, 20, 45)], new Set([30]));
  // The container has ended: its two seconds are its control group's.
  time.look([process('containerd-shim', 30, 1, 25, 2045)], nobody);
  t.is(time.totalMs, 25 + 45);
  time.look([], nobody);
  t.is(time.totalMs, 70, 'a shim that nobody waits for stays counted');
});

test('a shim that goes to the background counts by itself', (t) => {
  const time = new EngineTime();
  time.look([], nobody);
  time.look([process('containerd-shim', 31, 1, 15), process('containerd-shim', 32, 31, 5)], nobody);
  time.look([process('containerd-shim', 32, 1, 20)], nobody);
  time.look([], nobody);
  t.is(time.totalMs, 15 + 20);
});

test('other programs are not the engine', (t) => {
  const time = new EngineTime();
  time.look([process('dockerd', 10, 1, 10)], nobody);
  time.look(
    [process('dockerd', 10, 1, 10), process('node', 40, 1, 900), process('runcible', 41, 1, 5)],
    nobody,
  );
  t.is(time.totalMs, 0);
});

import test from 'ava';
import { type ImageFile, imageReference, parseList } from './recipe.ts';

const file = (path: string, content: string): ImageFile => ({
  path,
  mode: 0o644,
  content: Buffer.from(content),
});
const reference = (files: readonly ImageFile[]) =>
  imageReference('amphora', { from: 'base', text: [], files });

test('a reference changes with a byte, a mode or a name, and not with the order of files', (t) => {
  const a = file('a', '1');
  const b = file('b', '2');
  t.is(reference([a, b]), reference([b, a]));
  const others = [[a], [a, file('b', '3')], [a, file('c', '2')], [a, { ...b, mode: 0o755 }]].map(reference);
  t.is(new Set([reference([a, b]), ...others]).size, 5);
});

test('a package list has one package a line, and comments', (t) => {
  t.deepEqual(parseList('# head\n\nkeepalived  # VRRP\nhaproxy\n'), ['keepalived', 'haproxy']);
});

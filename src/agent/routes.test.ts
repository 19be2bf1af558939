import test from 'ava';
import { routes } from './routes.ts';

const find = routes({
  '/': 'root',
  '/listeners/:id/:action': 'act',
  '/listeners/:id/haproxy': 'read',
  '/listeners/:amphora/:id/haproxy': 'upload',
  '/listeners/:id/certificates/:file': 'certificate',
});

test('a path finds what stands there, with its parts by their names', (t) => {
  t.deepEqual(find('/'), { there: 'root', params: {} });
  t.deepEqual(find('/listeners/a/start'), { there: 'act', params: { id: 'a', action: 'start' } });
  t.deepEqual(find('/listeners/a/b/haproxy'), { there: 'upload', params: { amphora: 'a', id: 'b' } });
});

test('a word goes before a name, the first one first', (t) => {
  t.is(find('/listeners/a/haproxy')?.there, 'read');
  t.is(find('/listeners/a/certificates/haproxy')?.there, 'certificate');
});

test('parts are decoded one by one: what is encoded in a part parts nothing', (t) => {
  t.deepEqual(find('/listeners/a%2fb/start')?.params, { id: 'a/b', action: 'start' });
});

test('what has no pattern, cannot be decoded or is longer than a name is unknown', (t) => {
  for (const path of [
    '',
    '//',
    '/listeners',
    '/listeners/a/start/',
    '/listeners/%zz/start',
    '/listeners/%80/start',
  ])
    t.is(find(path), undefined, path);
  t.is(find(`/listeners/${'a'.repeat(256)}/start`), undefined);
  t.truthy(find(`/listeners/${'a'.repeat(255)}/start`));
});

import test from 'ava';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { processesOf, tlsFiles } from './haproxy-process.ts';

/** The lists of certificates that a listener's process is given, by their lines. */
function listsOf(listener: object): string[][] {
  const loadBalancer = parseLoadBalancer({
    listeners: [{ protocol: 'TERMINATED_HTTPS', protocol_port: 443, ...listener }],
  });
  const [process] = processesOf(loadBalancer, '1.0');
  const files = process ? tlsFiles(loadBalancer, process) : [];
  const known = new Map(files.flatMap((file) => ('reference' in file ? [[file.file, file.reference]] : [])));
  return files.flatMap((file) =>
    'content' in file
      ? [
          file.content
            .trim()
            .split('\n')
            .map((path) => known.get(path.split('/').at(-1) ?? '') ?? path),
        ]
      : [],
  );
}

test('a list of certificates begins with the default one', (t) => {
  const refs = { default_tls_container_ref: 'file:a', sni_container_refs: ['file:b', 'file:c'] };
  t.deepEqual(listsOf(refs), [['file:a', 'file:b', 'file:c']]);
});

test('a listener with certificates for single names alone has its list', (t) => {
  t.deepEqual(listsOf({ sni_container_refs: ['file:b', 'file:c'] }), [['file:b', 'file:c']]);
});

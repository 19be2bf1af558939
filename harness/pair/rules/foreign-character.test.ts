import { A, B, BOTH, finds, PROXIES, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'a byte order mark', { [B]: (text) => `\uFEFF${text.replace(/^#.*\n/, '')}` }, [
  B,
  'global_defs',
]);
finds(
  import.meta.filename,
  'no-break spaces of a web page',
  { [A]: swap('    priority 101', '\u00A0\u00A0\u00A0\u00A0priority 101') },
  [A, 'priority 101'],
);
finds(
  import.meta.filename,
  'quotes of a word processor',
  { [A]: swap('"/etc/keepalived/check-haproxy.sh"', '“killall -0 haproxy”') },
  [A, 'killall'],
);
finds(import.meta.filename, 'UTF-16', { [B]: (text) => `\uFEFF${[...text].join('\0')}` }, [B, 'L']);
finds(
  import.meta.filename,
  'inside a command',
  { [A]: swap('/etc/keepalived/check-haproxy.sh', '/usr/bin/pidof\u00A0haproxy') },
  [A, 'pidof'],
);
finds(import.meta.filename, 'haproxy.cfg', { [PROXIES]: (text) => `\uFEFF${text}` }, [
  'a/etc/haproxy/haproxy.cfg',
  'global',
]);
spares(import.meta.filename, 'comments', {
  [BOTH]: (text) => `! 检测脚本\u3000“x”\n${text}# l’adresse\u00A0: 192.0.2.10\n`,
});
spares(import.meta.filename, 'inside quotes', { [BOTH]: swap('router_id lb', 'router_id "lb\u00A0“1”" #') });

export type Release = 'debian' | 'head';

/** A way in which we write on purpose something else than upstream; docs/templates.md has its reason. */
interface Difference {
  readonly name: string;
  /** Those of upstream that write it otherwise. */
  readonly releases: readonly Release[];
  readonly file: 'haproxy.cfg' | 'keepalived.conf';
  /** Upstream's lines as we write them. */
  readonly ours: (lines: readonly string[]) => readonly string[];
}

const BOTH: readonly Release[] = ['debian', 'head'];

/** Each line is replaced by others, or by none. */
const each = (replace: (line: string) => string | readonly string[]) => (lines: readonly string[]) =>
  lines.flatMap(replace);

const ENTITIES: Readonly<Record<string, string>> = {
  '&#34;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};

export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'Characters are not written as HTML entities',
    releases: BOTH,
    file: 'haproxy.cfg',
    ours: each((line) => line.replace(/&(#34|#39|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity)),
  },
  {
    name: 'A value stays one word',
    releases: BOTH,
    file: 'haproxy.cfg',
    ours: each((line) =>
      line.replace(/^(acl \S+ .* -m \w+ )(.+)$/, (_, head: string, value: string) =>
        /^"[^"]*"$/.test(value)
          ? head + value.replaceAll('$', '\\$')
          : `${head}${value.startsWith('-') ? '-- ' : ''}${value.replace(/["'#]/g, '\\$&')}`,
      ),
    ),
  },
  {
    name: 'HAProxy logs to the journal',
    releases: BOTH,
    file: 'haproxy.cfg',
    ours: each((line) => line.replace(/^log \/run\/rsyslog\/octavia\/log /, 'log /dev/log ')),
  },
  {
    name: 'Certificates for single names serve without a default one',
    releases: BOTH,
    file: 'haproxy.cfg',
    ours: (lines) => {
      const id = /stats socket \/var\/lib\/octavia\/(\S+)\.sock/.exec(lines.join('\n'))?.[1];
      return lines.map((line, n) => {
        const frontend = lines.slice(0, n).findLast((before) => before.startsWith('frontend '));
        const terminated = lines[n - 1] === 'redirect scheme https if !{ ssl_fc }';
        return terminated && !/ ssl /.test(line)
          ? line.replace(
              /^bind \S+/,
              (bind) =>
                `${bind} ssl crt-list /var/lib/octavia/certs/${id}/${frontend?.slice('frontend '.length)}.pem`,
            )
          : line;
      });
    },
  },
  {
    name: "A PROMETHEUS listener is answered by HAProxy's own exporter",
    releases: BOTH,
    file: 'haproxy.cfg',
    ours: each((line) =>
      line.replace('prometheus-internal 127.0.0.1:9102', 'prometheus-internal 127.0.0.1:9101'),
    ),
  },
  {
    name: 'Octavia 16: options that HAProxy has dropped',
    releases: ['debian'],
    file: 'haproxy.cfg',
    ours: each((line) => (line === 'option http-use-htx' ? [] : line)),
  },
  {
    name: 'Octavia 16: health checks name their host in a line of its own',
    releases: ['debian'],
    file: 'haproxy.cfg',
    ours: each((line) => {
      const [, check, host] = /^(option httpchk .*)\\r\\n(?:Host:\\ (\S+))?$/.exec(line) ?? [];
      return check ? [check, ...(host ? [`http-check send hdr Host ${host}`] : [])] : line;
    }),
  },
  {
    name: 'Octavia 16: file types are compared by path_end alone',
    releases: ['debian'],
    file: 'haproxy.cfg',
    ours: each((line) => line.replace(' path_end -m str ', ' path_end ')),
  },
  {
    name: 'Host routes are written with via',
    releases: BOTH,
    file: 'keepalived.conf',
    ours: each((line) => line.replace(/^(\S+) (dev \S+) gateway (\S+) /, '$1 via $3 $2 ')),
  },
  {
    name: 'Each subnet has a routing table of its own',
    releases: BOTH,
    file: 'keepalived.conf',
    ours: each((line) => (/\b172\.16\.2\./.test(line) ? line.replace('table 1', 'table 2') : line)),
  },
  {
    name: 'VRRP over IPv6 has no password',
    releases: BOTH,
    file: 'keepalived.conf',
    ours: (lines) => {
      const begin = lines.indexOf('authentication {');
      const ipv6 = lines.some((line) => /^unicast_src_ip .*:/.test(line));
      return ipv6 ? lines.toSpliced(begin, lines.indexOf('}', begin) - begin + 1) : lines;
    },
  },
];

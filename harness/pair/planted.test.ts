import test from 'ava';
import type { Overlay } from './configuration/overlay.ts';
import { readPair } from './configuration/pair.ts';
import { examine } from './examine.ts';
import { allRules } from './rule.ts';

/** The files of a node, with Windows line ends and tabs where keepalived lets them be. */
type Files = Record<string, string>;

const CONF = 'etc/keepalived';
const MAIL = `${CONF}/conf.d/40-mail.conf`;
const CHECK = `${CONF}/conf.d/20-check.conf`;
const GLOBAL = `${CONF}/conf.d/10-global.conf`;
const SCRIPT = 'usr/local/bin/check_haproxy';

/** Three nodes with two instances each, in included files; the second instance gets the mistakes. */
function filesOf(n: number): Files {
  const own = `10.1.0.${n + 1}`;
  const others = [1, 2, 3].filter((other) => other !== n + 1).map((other) => `10.1.0.${other}`);
  const instance = (name: string, id: number, priority: number) => `vrrp_instance ${name}
{
\tstate\tBACKUP
\tinterface\tbond0.10
\tvirtual_router_id\t${id}
\tpriority\t${priority}
\tadvert_int\t1
\tgarp_master_refresh\t10
\tunicast_src_ip\t${own}
\tunicast_peer\t{ ${others[0]}
\t\t${others[1]} }
\tauthentication\t{
\t\tauth_type\tPASS
\t\tauth_pass\t"s3#r3t!"
\t}
\ttrack_script\t{ up }
\tvirtual_ipaddress\t{
\t\t10.1.0.${id}/24\tdev\tbond0.10
\t}
\tnotify_master\t"/usr/local/bin/tell master ${name}"
}
`;
  return {
    [`${CONF}/keepalived.conf`]: `! Node ${n + 1}\ninclude conf.d/*.conf\n`,
    [GLOBAL]: `global_defs\n{\n\trouter_id\tlb${n + 1}\n\tenable_script_security\n\tscript_user\troot\n}\n`,
    [CHECK]: `$EVERY=2\nvrrp_script\tup\n{\n\tscript\t'/${SCRIPT} 80'\n\tinterval\t$EVERY\n\ttimeout\t1\n\tfall\t2\n}\n`,
    [`${CONF}/conf.d/30-web.conf`]: instance('web', 51, 130 - 10 * n),
    [MAIL]: instance('mail', 52, 130 - 10 * n),
    [SCRIPT]: '#!/bin/bash\ncurl -sf -m 1 "http://127.0.0.1:$1/" -o /dev/null\n',
    'usr/local/bin/tell': '#!/bin/sh\nlogger "$1 $2"\n',
    'etc/haproxy/haproxy.cfg':
      'frontend web\n\tbind :80\n\tbind :25\n\tdefault_backend s\nbackend s\n\tserver s1 10.1.0.91:80\n',
  };
}

/** The nodes whose files are changed, and how; the rule that finds it, with a part of the line, and where that is. */
interface Mistake {
  readonly nodes: string;
  readonly path: string;
  readonly change: readonly [string | RegExp, string];
  readonly at: readonly [string, string];
}

const mail = (nodes: string, old: string | RegExp, fresh: string, line = fresh): Mistake => ({
  ...{ nodes, path: MAIL, change: [old, fresh] },
  at: [`${nodes[0]}/${MAIL}`, line],
});

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'router-id-differs': mail('c', 'id\t52', 'id\t5'),
  'equal-priorities': mail('b', 'priority\t120', 'priority 130'),
  'auth-differs': mail('c', '"s3#r3t!"', 's3#r3t!', 'auth_pass'),
  'auth-pass-too-long': mail('abc', '"s3#r3t!"', '"s3#r3t!!!"', 'auth_pass'),
  'nopreempt-ignored': mail('a', 'state\tBACKUP', 'nopreempt\n\tstate\tMASTER', 'nopreempt'),
  'nopreempt-with-weight': mail('ba', '{ up }', '{ up weight -50 }\n\tnopreempt', 'nopreempt'),
  'weight-too-small': mail('abc', '{ up }', '{ up weight -10 }'),
  'advert-int-differs': mail('c', 'advert_int\t1', 'advert_int 2'),
  'version-differs': mail('b', 'advert_int\t1', 'version 3\n\tadvert_int\t1', 'version 3'),
  'peers-do-not-match': mail('b', '10.1.0.3 }', '10.1.0.4 }', '10.1.0.1'),
  'vips-differ': mail('c', '10.1.0.52/24', '10.1.0.52/24\n\t\t10.1.0.53/24', '10.1.0.53'),
  'track-script-undefined': mail('b', '{ up }', '{ UP }'),
  'notify-script-missing': mail('c', '/usr/local/bin/tell', '/usr/local/sbin/tell'),
  'strict-blocks-vip': mail('b', 'advert_int\t1', 'strict_mode on'),
  'garp-not-refreshed': mail('c', 'garp_master_refresh\t10', 'garp_master_repeat 3', 'vrrp_instance'),
  'script-timeout': {
    ...{ nodes: 'b', path: CHECK, change: ['timeout\t1', 'timeout $EVERY'] },
    at: [`b/${CHECK}`, 'timeout'],
  },
  'script-missing': {
    ...{ nodes: 'b', path: CHECK, change: ['check_haproxy', 'check_happroxy'] },
    at: [`b/${CHECK}`, '\tscript\t'],
  },
  'script-needs-shell': {
    ...{ nodes: 'c', path: CHECK, change: [/\tscript\t.*/, "\tscript '/usr/bin/pidof haproxy || exit 1'"] },
    at: [`c/${CHECK}`, 'exit 1'],
  },
  'check-cannot-fail': {
    ...{ nodes: 'c', path: SCRIPT, change: [/$/, 'exit 0 # done\n'] },
    at: [`c/${CHECK}`, '\tscript\t'],
  },
  'script-with-windows-lines': {
    ...{ nodes: 'b', path: SCRIPT, change: ['/bash\n', '/bash\r\n'] },
    at: [`b/${CHECK}`, '\tscript\t'],
  },
  'script-user-missing': {
    ...{ nodes: 'c', path: GLOBAL, change: ['\tscript_user\troot\n', ''] },
    at: [`c/${CHECK}`, '\tscript\t'],
  },
  'sync-group-member-missing': mail('b', /$/, 'vrrp_sync_group both { group { web mails } }\n', 'mails'),
};

/** keepalived.conf and what it includes may have Windows line ends. */
function windows(path: string, text: string): string {
  return path.endsWith('.conf') ? text.replaceAll('\n', '\r\n') : text;
}

function found(rules: Awaited<ReturnType<typeof allRules>>, mistake?: Mistake) {
  const texts = new Map<string, string>();
  const overlays = ['a', 'b', 'c'].map((name, n): Overlay => {
    const files = Object.entries(filesOf(n)).map(([path, good]) => {
      const change = mistake?.nodes.includes(name) && mistake.path === path ? mistake.change : undefined;
      const text = windows(path, change ? good.replace(...change) : good);
      texts.set(`${name}/${path}`, text);
      return [path, { text, executable: text.startsWith('#!') }] as const;
    });
    return { name, files: new Map(files) };
  });
  return { texts, findings: examine(readPair(overlays, { packages: [] }), rules) };
}

test('three nodes, included files, tabs and Windows line ends: no complaint', async (t) => {
  t.deepEqual(found(await allRules()).findings, []);
});

for (const [rule, mistake] of Object.entries(MISTAKES)) {
  test(`in the second instance, an included file or one node of three: ${rule}`, async (t) => {
    const { texts, findings } = found(await allRules(), mistake);
    const [file, part] = mistake.at;
    const line =
      (texts
        .get(file)
        ?.split('\n')
        .findIndex((each) => each.includes(part)) ?? -1) + 1;
    t.true(line > 0, `"${part}" is in ${file}`);
    t.true(
      findings.some((each) => each.rule === rule && each.file === file && each.line === line),
      findings.map((each) => `${each.rule} ${each.file}:${each.line}`).join('\n') || 'nothing was found',
    );
  });
}

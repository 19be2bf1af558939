import type { Profile } from '../domain/settings.ts';
import { AMPHORA_NETNS, PATHS, PLUG_INTERFACES } from './paths.ts';

/** How keepalived logs, by [amphora_agent] administrative_log_facility; Rocky had it log in detail instead. */
const LOGGING: Readonly<Record<Profile, string>> = { current: '--log-facility=1', rocky: '-D -d' };

/**
 * octavia-keepalived.service, word for word (octavia/…/agent/api_server/templates/keepalived.systemd.j2).
 * systemd passes SELinuxContext over where SELinux is off (systemd.exec(5)).
 */
export function keepalivedUnit(profile: Profile = 'current'): string {
  return keepalivedService(PATHS.vrrp, profile);
}

/** octavia-keepalivedlvs-{listener id}.service: another keepalived, which serves a UDP or SCTP listener. */
export function lvsUnit(listenerId: string, profile: Profile = 'current'): string {
  return keepalivedService(PATHS.lvs.of(listenerId), profile);
}

function keepalivedService(
  files: {
    readonly configuration: string;
    readonly pid: string;
    readonly vrrpPid?: string;
    readonly checkPid?: string;
  },
  profile: Profile,
): string {
  const { configuration, pid, vrrpPid, checkPid } = files;
  const children = vrrpPid && checkPid ? ` -r ${vrrpPid} -c ${checkPid}` : '';
  return `[Unit]
Description=Keepalive Daemon (LVS and VRRP)
After=network-online.target amphora-netns.service
Wants=network-online.target
Requires=amphora-netns.service

[Service]
# Force context as we start keepalived under "ip netns exec"
SELinuxContext=system_u:system_r:keepalived_t:s0
Type=forking
KillMode=process

ExecStart=/sbin/ip netns exec ${AMPHORA_NETNS} /usr/sbin/keepalived ${LOGGING[profile]} -f ${configuration} -p ${pid}${children}

ExecReload=/bin/kill -HUP $MAINPID
PIDFile=${pid}

[Install]
WantedBy=multi-user.target
`;
}

/**
 * haproxy-{id}.service, word for word in the form for HAProxy 1.8 and later
 * (octavia/…/agent/api_server/templates/systemd.conf.j2).
 *
 * @param limitNofile upstream's, which systemd refuses where the host's hard limit is lower
 */
export function haproxyUnit({
  id,
  peer,
  limitNofile,
}: {
  readonly id: string;
  readonly peer: string;
  readonly limitNofile: number;
}): string {
  const { configuration, pid } = PATHS.haproxy(id);
  return `[Unit]
Description=HAProxy Load Balancer
After=network.target syslog.service amphora-netns.service
Before=octavia-keepalived.service
Wants=syslog.service
Requires=amphora-netns.service

[Service]
# Force context as we start haproxy under "ip netns exec"
SELinuxContext=system_u:system_r:haproxy_t:s0

Environment="CONFIG=${configuration}" "USERCONFIG=${PATHS.userGroup}" "PIDFILE=${pid}"

ExecStartPre=/usr/sbin/haproxy -f $CONFIG -f $USERCONFIG -c -q -L ${peer}

ExecReload=/usr/sbin/haproxy -c -f $CONFIG -f $USERCONFIG -L ${peer}
ExecReload=/bin/kill -USR2 $MAINPID

ExecStart=/sbin/ip netns exec ${AMPHORA_NETNS} /usr/sbin/haproxy -Ws -f $CONFIG -f $USERCONFIG -p $PIDFILE -L ${peer}

Type=notify

KillMode=mixed
Restart=always
LimitNOFILE=${limitNofile}

[Install]
WantedBy=multi-user.target
`;
}

/** amphora-netns.service: the namespace and what was plugged into it, after each boot. */
export function netnsUnit(): string {
  return unit({
    Unit: [
      'Description=Configure amphora-haproxy network namespace',
      'Before=octavia-keepalived.service',
      // What has been plugged since this boot is there: programs that change nothing would only delay keepalived.
      `ConditionPathExists=!${PATHS.pluggedSinceBoot}`,
    ],
    Service: ['Type=oneshot', 'RemainAfterExit=yes', `ExecStart=-${PLUG_INTERFACES}`],
    Install: ['WantedBy=multi-user.target'],
  });
}

/** How many open files upstream's units ask for. */
export const UPSTREAM_LIMIT_NOFILE: Readonly<Record<Profile, number>> = {
  current: 2_600_000,
  rocky: 2_097_152,
};

/**
 * Runs every script of the folder; one that fails counts against the instance (vrrp_script). Word for word
 * (octavia/…/agent/api_server/templates/keepalived_check_script.conf.j2).
 */
export function checkScript(): string {
  return [
    '#!/bin/bash',
    '',
    'shopt -s nullglob',
    '',
    'status=0',
    `for file in ${PATHS.vrrp.checkScripts}/*`,
    'do',
    '  echo "Running check script: " $file',
    '  bash $file',
    '  status=$(( $status + $? ))',
    'done',
    'exit $status',
    '',
  ].join('\n');
}

/**
 * Asks the stats socket of each HAProxy (octavia/…/agent/api_server/util.py, vrrp_check_script_update). An amphora
 * without HAProxy serves nobody: its check fails. One whose HAProxy the agent has stopped passes, as there is nothing to ask.
 */
export function haproxyCheckScript(sockets: readonly string[] | 'none yet'): string {
  return sockets === 'none yet' ? 'exit 1\n' : `haproxy-vrrp-check ${sockets.join(' ')}; exit $?\n`;
}

/**
 * Whether the keepalived of each UDP and SCTP listener runs; one that does not counts against the instance
 * (octavia/…/agent/api_server/templates/keepalived_lvs_check_script.sh.j2).
 */
export function lvsCheckScript(): string {
  return [
    '#!/bin/bash',
    'shopt -s nullglob',
    'status=0',
    `for unit in ${PATHS.lvs.folder}/*.conf; do`,
    '  systemctl --quiet is-active "$(basename "$unit" .conf).service" || status=$((status + 1))',
    'done',
    'exit $status',
    '',
  ].join('\n');
}

/**
 * Whether a UDP port seems open: a closed one answers with an ICMP error
 * (octavia/amphorae/backends/utils/udp_check.sh).
 */
export function udpCheckScript(): string {
  return ['#!/bin/bash', 'exec nc -uz -w1 "$1" "$2"', ''].join('\n');
}

function unit(sections: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(sections)
    .map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`)
    .join('\n');
}

/** Where an amphora keeps what Octavia writes (octavia/amphorae/backends/agent/api_server/util.py). */
const BASE = '/var/lib/octavia';
const UNITS = '/usr/lib/systemd/system';

export const AMPHORA_NETNS = 'amphora-haproxy';

/** Plugs what the agent has recorded (images/own/rootfs). */
export const PLUG_INTERFACES = '/usr/local/bin/plug-interfaces';

export const PATHS = {
  base: BASE,
  agentConfiguration: '/etc/octavia/amphora-agent.conf',
  serverCertificate: '/etc/octavia/certs/server.pem',
  clientCa: '/etc/octavia/certs/client_ca.pem',
  userGroup: `${BASE}/haproxy-default-user-group.conf`,
  certificates: (id: string) => `${BASE}/certs/${id}`,
  interfaces: `${BASE}/interfaces`,
  /** On a file system that a reboot empties. */
  pluggedSinceBoot: '/run/octavia-plugged',
  /** What the last heartbeat counted. */
  counters: `${BASE}/stats_counters.json`,
  haproxy: (id: string) => ({
    folder: `${BASE}/${id}`,
    configuration: `${BASE}/${id}/haproxy.cfg`,
    pid: `${BASE}/${id}/${id}.pid`,
    stateFile: `${BASE}/${id}/servers-state`,
    socket: `${BASE}/${id}.sock`,
    unit: `${UNITS}/haproxy-${id}.service`,
  }),
  vrrp: {
    folder: `${BASE}/vrrp`,
    configuration: `${BASE}/vrrp/octavia-keepalived.conf`,
    pid: `${BASE}/vrrp/octavia-keepalived.pid`,
    checkScript: `${BASE}/vrrp/check_script.sh`,
    checkScripts: `${BASE}/vrrp/check_scripts`,
    haproxyCheckScript: `${BASE}/vrrp/check_scripts/haproxy_check_script.sh`,
    lvsCheckScript: `${BASE}/vrrp/check_scripts/lvs_udp_check.sh`,
    unit: `${UNITS}/octavia-keepalived.service`,
  },
  /** Listeners that keepalived serves by LVS: UDP and SCTP. */
  lvs: {
    folder: `${BASE}/lvs`,
    checkFolder: `${BASE}/lvs/check`,
    udpCheckScript: `${BASE}/lvs/check/udp_check.sh`,
    of: (listenerId: string) => {
      const name = `octavia-keepalivedlvs-${listenerId}`;
      return {
        name,
        configuration: `${BASE}/lvs/${name}.conf`,
        pid: `${BASE}/lvs/${name}.pid`,
        vrrpPid: `${BASE}/lvs/${name}.vrrp.pid`,
        checkPid: `${BASE}/lvs/${name}.check.pid`,
        unit: `${UNITS}/${name}.service`,
      };
    },
  },
  netnsUnit: `${UNITS}/amphora-netns.service`,
} as const;

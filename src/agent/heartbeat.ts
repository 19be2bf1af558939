import { createSocket, type Socket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeHeartbeat } from '../health/encode-heartbeat.ts';
import { PATHS } from '../templates/paths.ts';
import { isIpv6 } from './addresses.ts';
import { haproxyIds } from './check-script.ts';
import { readConfiguration } from './configuration.ts';
import { replaceFile } from './files.ts';
import { haproxyRuns } from './haproxy.ts';
import { askHaproxy } from './haproxy-socket.ts';
import { type Counters, healthMessage } from './health-message.ts';
import { keepalivedRuns } from './keepalived.ts';
import { lvsReports } from './lvs.ts';

/**
 * Sends heartbeats for as long as the agent lives, to each controller in turn (health_daemon.py,
 * health_sender.py). The configuration is read before each: `PUT /config` may have changed it.
 */
export async function sendHeartbeats(): Promise<never> {
  const sockets = { v4: createSocket('udp4'), v6: createSocket('udp6') };
  // A missing network is no reason to end.
  for (const socket of Object.values(sockets)) socket.unref().on('error', () => {});
  let counters = await storedCounters();
  for (let seq = 0; ; ) {
    const { amphora_agent, health_manager } = await readConfiguration();
    const { controller_ip_port_list: controllers, heartbeat_key, heartbeat_interval } = health_manager;
    const controller = controllers[seq % Math.max(1, controllers.length)];
    try {
      if (controller && (await ableToServe())) {
        const next = healthMessage({
          id: amphora_agent.amphora_id,
          seq,
          statistics: await statistics(),
          lvs: await lvsReports(),
          before: counters,
        });
        seq++;
        counters = next.counters;
        await send(
          isIpv6(controller.host) ? sockets.v6 : sockets.v4,
          encodeHeartbeat(next.message, heartbeat_key),
          controller,
        );
        await replaceFile(PATHS.counters, JSON.stringify(counters));
      }
    } catch (error) {
      process.stderr.write(`No heartbeat was sent: ${(error as Error).message}\n`);
    }
    await delay(heartbeat_interval * 1000);
  }
}

/** An amphora of a pair whose keepalived is dead must be replaced: it sends no heartbeat. */
async function ableToServe(): Promise<boolean> {
  return !existsSync(PATHS.vrrp.configuration) || (await keepalivedRuns());
}

/** A HAProxy that does not answer is left out: its listeners are then missing from the heartbeat. */
async function statistics(): Promise<string[]> {
  const answers = await Promise.allSettled(
    (await haproxyIds()).map(async (id) =>
      (await haproxyRuns(id)) ? askHaproxy(PATHS.haproxy(id).socket, 'show stat -1 -1 -1') : '',
    ),
  );
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

function send(
  socket: Socket,
  datagram: Buffer,
  { host, port }: { host: string; port: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.send(datagram, port, host, (error) => (error ? reject(error) : resolve()));
  return promise;
}

async function storedCounters(): Promise<Counters> {
  try {
    return JSON.parse(await readFile(PATHS.counters, 'utf8')) as Counters;
  } catch {
    return {};
  }
}

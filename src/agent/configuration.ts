import { readFile } from 'node:fs/promises';
import { parse } from 'ini';
import * as z from 'zod/mini';
import english from 'zod/v4/locales/en.js';
import { AGENT_PORT } from '../domain/amphora.ts';
import { DEFAULT_HEALTH_MANAGER } from '../health/settings.ts';
import { PATHS } from '../templates/paths.ts';
import { replaceFile } from './files.ts';

// Without it, a message says no more than that something is invalid.
z.config(english());

/** `address:port`; IPv6 in brackets. */
const endpoint = z.pipe(
  z.string(),
  z.transform((text: string, { issues }) => {
    const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
    if (port === undefined) {
      const message = `'${text}' is no address:port (IPv6: [address]:port)`;
      issues.push({ code: 'custom', input: text, message });
      return z.NEVER;
    }
    return { host: bracketed ?? plain ?? '', port: Number(port) };
  }),
);

const list = z.pipe(
  z._default(z.string(), ''),
  z.transform((text) => text.split(',').flatMap((item) => item.trim() || [])),
);

const seconds = z.coerce.number().check(z.positive());

/** /etc/octavia/amphora-agent.conf, as far as the agent reads it (octavia/common/config.py). */
const schema = z.object({
  amphora_agent: z.object({
    amphora_id: z.string(),
    agent_server_cert: z._default(z.string(), PATHS.serverCertificate),
    agent_server_ca: z._default(z.string(), PATHS.clientCa),
    /** That a request may take to arrive. */
    agent_request_read_timeout: z._default(seconds, 180),
    agent_tls_protocol: z._default(z.enum(['TLSv1.2', 'TLSv1.3']), 'TLSv1.2'),
  }),
  haproxy_amphora: z.prefault(
    z.object({
      bind_host: z._default(z.string(), '::'),
      bind_port: z._default(z.coerce.number().check(z.int()), AGENT_PORT),
    }),
    {},
  ),
  health_manager: z.prefault(
    z.object({
      controller_ip_port_list: z.pipe(list, z.array(endpoint)),
      heartbeat_interval: z._default(seconds, DEFAULT_HEALTH_MANAGER.heartbeat_interval),
      heartbeat_key: z._default(z.string(), ''),
    }),
    {},
  ),
  controller_worker: z.prefault(
    z.object({ loadbalancer_topology: z._default(z.enum(['SINGLE', 'ACTIVE_STANDBY']), 'SINGLE') }),
    {},
  ),
});

export type AgentConfiguration = z.output<typeof schema>;

/** @throws when the text is no configuration of an agent; the message names the option. */
export function parseConfiguration(text: string): AgentConfiguration {
  const result = schema.safeParse(parse(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${PATHS.agentConfiguration}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return result.data;
}

export async function readConfiguration(): Promise<AgentConfiguration> {
  return parseConfiguration(await readFile(PATHS.agentConfiguration, 'utf8'));
}

/** Its readers read it whenever they need it: nothing has to be notified. */
export async function replaceConfiguration(text: string): Promise<void> {
  parseConfiguration(text);
  await replaceFile(PATHS.agentConfiguration, text, 0o600);
}

import { readFile } from 'node:fs/promises';
import { parse } from 'ini';
import * as z from 'zod';
import { AGENT_PORT } from '../domain/amphora.ts';
import { DEFAULT_HEALTH_MANAGER } from '../health/health-manager.ts';
import { PATHS } from '../templates/paths.ts';
import { replaceFile } from './files.ts';

/** `address:port`; IPv6 in brackets. */
const endpoint = z.string().transform((text, context) => {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined) {
    context.addIssue(`'${text}' is no address:port (IPv6: [address]:port)`);
    return z.NEVER;
  }
  return { host: bracketed ?? plain ?? '', port: Number(port) };
});

const endpoints = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((item) => item.trim() || []))
  .pipe(z.array(endpoint));

/** /etc/octavia/amphora-agent.conf, as far as the agent reads it (octavia/common/config.py). */
const schema = z.object({
  amphora_agent: z.object({
    amphora_id: z.string(),
    agent_server_cert: z.string().default(PATHS.serverCertificate),
    agent_server_ca: z.string().default(PATHS.clientCa),
    /** Seconds that a request may take to arrive. */
    agent_request_read_timeout: z.coerce.number().positive().default(180),
    agent_tls_protocol: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
  }),
  haproxy_amphora: z
    .object({
      bind_host: z.string().default('::'),
      bind_port: z.coerce.number().int().default(AGENT_PORT),
    })
    .prefault({}),
  health_manager: z
    .object({
      controller_ip_port_list: endpoints,
      /** Seconds. */
      heartbeat_interval: z.coerce.number().positive().default(DEFAULT_HEALTH_MANAGER.heartbeat_interval),
      heartbeat_key: z.string().default(''),
    })
    .prefault({}),
  controller_worker: z
    .object({ loadbalancer_topology: z.enum(['SINGLE', 'ACTIVE_STANDBY']).default('SINGLE') })
    .prefault({}),
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

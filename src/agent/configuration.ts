import { readFile, writeFile } from 'node:fs/promises';
import { parse } from 'ini';
import { z } from 'zod';
import { AGENT_PORT } from '../domain/amphora.ts';
import { PATHS } from '../templates/paths.ts';

/** /etc/octavia/amphora-agent.conf, as far as the agent reads it (octavia/common/config.py). */
const schema = z.object({
  amphora_agent: z.object({
    amphora_id: z.string(),
    agent_server_cert: z.string().default(PATHS.serverCertificate),
    agent_server_ca: z.string().default(PATHS.clientCa),
  }),
  haproxy_amphora: z
    .object({
      bind_host: z.string().default('::'),
      bind_port: z.coerce.number().int().default(AGENT_PORT),
    })
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

export async function replaceConfiguration(text: string): Promise<void> {
  parseConfiguration(text);
  await writeFile(PATHS.agentConfiguration, text, { mode: 0o600 });
}

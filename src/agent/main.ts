/**
 * The amphora's agent: `agent.cjs` serves the API and sends heartbeats. `agent.cjs compile` only loads itself, so that the
 * image can hold what the compiler made of it.
 */
import { flushCompileCache } from 'node:module';
import { readConfiguration } from './configuration.ts';
import { sendHeartbeats } from './heartbeat.ts';
import { serve } from './server.ts';

async function main(task: string | undefined): Promise<void> {
  if (task === 'compile') return flushCompileCache();
  await serve(await readConfiguration());
  await sendHeartbeats();
}

void main(process.argv[2]);

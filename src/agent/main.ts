/**
 * The amphora's agent: `agent.cjs` serves the API and sends heartbeats, `agent.cjs restore-interfaces` plugs again after a boot.
 * `agent.cjs compile` only loads itself, so that the image can hold what the compiler made of it.
 */
import { flushCompileCache } from 'node:module';
import { restoreInterfaces } from './restored-interfaces.ts';

async function main(task: string | undefined): Promise<void> {
  // A part of each boot: what only the API needs would take as long to load again.
  if (task === 'restore-interfaces') return restoreInterfaces();
  const { readConfiguration } = await import('./configuration.ts');
  const { sendHeartbeats } = await import('./heartbeat.ts');
  const { serve } = await import('./server.ts');
  if (task === 'compile') return flushCompileCache();
  await serve(await readConfiguration());
  await sendHeartbeats();
}

void main(process.argv[2]);

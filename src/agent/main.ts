/**
 * The amphora's agent: `agent.mjs` serves the API and sends heartbeats, `agent.mjs restore-interfaces` plugs again after a boot.
 * `agent.mjs compile` only loads itself, so that the image can hold what the compiler made of it.
 */
import { flushCompileCache } from 'node:module';
import { readConfiguration } from './configuration.ts';
import { sendHeartbeats } from './heartbeat.ts';
import { restoreInterfaces } from './interfaces.ts';
import { serve } from './server.ts';

if (process.argv[2] === 'restore-interfaces') await restoreInterfaces();
else if (process.argv[2] === 'compile') flushCompileCache();
else {
  await serve(await readConfiguration());
  await sendHeartbeats();
}

/** The amphora's agent: `agent.mjs` serves the API, `agent.mjs restore-interfaces` plugs again after a boot. */
import { readConfiguration } from './configuration.ts';
import { restoreInterfaces } from './interfaces.ts';
import { serve } from './server.ts';

if (process.argv[2] === 'restore-interfaces') await restoreInterfaces();
else await serve(await readConfiguration());

#!/usr/bin/env node
// The bin: an older Node starts the Node 24 that came with the package.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const main = new URL('./main.ts', import.meta.url);
if (Number(process.versions.node.split('.')[0]) >= 24) await import(main.href);
else {
  const bundled = createRequire(import.meta.url).resolve('node/bin/node');
  const child = spawn(bundled, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}

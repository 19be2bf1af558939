#!/usr/bin/env node
// The bin: runs this checkout's sources, or the package's compiled copy; an older Node starts the Node 24 that came along.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = new URL('./main.ts', import.meta.url);
const main = existsSync(sources)
  ? sources
  : new URL('../../dist/harness/command-line/main.js', import.meta.url);
if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Here already: Node loads its compiler for TypeScript where a single source is not in the cache (see COMPILE_CACHE).
  if (main === sources)
    module.enableCompileCache(
      fileURLToPath(new URL('../../node_modules/.cache/amphora-testbed', import.meta.url)),
    );
  await import(main.href);
} else {
  const child = spawn(node24(), [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}

function node24() {
  const name = `node-${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/node');
  } catch {
    console.error(
      `amphora-testbed runs on Node 24; this is ${process.version}, and no npm package ${name} came along: install Node 24.`,
    );
    return process.exit(3);
  }
}

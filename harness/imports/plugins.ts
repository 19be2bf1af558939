import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { PROJECT_ROOT } from '../project.ts';

/**
 * What no lab calls, with large libraries below it: an engine over SSH, the log-in of a build (gRPC), copies and ports into a
 * running container, Compose, locks in files, waiting for HTTP; and how AVA shows what differs, and reads functions in YAML.
 * They are loaded when they are called: that is a third of what starts before each run.
 */
const LATE: Readonly<Record<string, readonly string[]>> = {
  'docker-modem': ['./ssh'],
  dockerode: ['./session'],
  testcontainers: ['archiver', 'docker-compose', 'proper-lockfile', 'ssh-remote-port-forward', 'undici'],
  ava: ['concordance'],
  'js-yaml': ['esprima'],
};

export const CALLED_LATE: Plugin = {
  name: 'called late',
  setup(build) {
    build.onResolve(
      { filter: /^(?:\.\/)?[a-z-]+$/, namespace: 'file' },
      async ({ path, kind, importer, resolveDir, pluginData }) => {
        const library = /.*\/node_modules\/([^/]+)/.exec(importer)?.[1] ?? '';
        if (pluginData === LATE || kind === 'dynamic-import' || !LATE[library]?.includes(path))
          return undefined;
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: LATE });
        return { path: relative(PROJECT_ROOT, found.path), namespace: 'late' };
      },
    );
    // It hides what it requires from bundlers.
    build.onLoad({ filter: /\/js-yaml\/lib\/js-yaml\/type\/js\/function\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace("_require('esprima')", "require('esprima')"),
    }));
    build.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `const loaded = () => require(${JSON.stringify(`./${path}`)});
        module.exports = new Proxy(() => {}, {
          apply: (_, self, given) => Reflect.apply(loaded(), self, given),
          get: (_, name) => (name === '__esModule' ? undefined : loaded()[name]),
        });`,
      resolveDir: PROJECT_ROOT,
    }));
  },
};

/** Names of Node's own modules that Node makes when they are asked for, and that take long, or open streams. */
const COSTLY: Readonly<Record<string, RegExp>> = {
  http: /^(?:WebSocket|CloseEvent|MessageEvent)$/,
  process: /^/,
};

/**
 * Gives Node's own modules without their costly names. An ES module asks for all: of `node:http`, also for those that load
 * a second HTTP client, which takes ten times as long as the rest.
 */
export const BUILT_IN: Plugin = {
  name: 'built in',
  setup(build) {
    build.onResolve({ filter: /^[a-z0-9_:/]+$/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path)
        ? { path: path.replace(/^node:/, ''), namespace: 'built-in' }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'built-in' }, ({ path }) => {
      const own = Object.getOwnPropertyDescriptors(process.getBuiltinModule(`node:${path}`) as object);
      const names = Object.entries(own).flatMap(([name, { get, enumerable }]) =>
        !enumerable ||
        (get && COSTLY[path]?.test(name)) ||
        name === 'default' ||
        !/^[A-Za-z_$][\w$]*$/.test(name)
          ? []
          : name,
      );
      const lines = names.map((name, n) => `const own${n} = own.${name}; export { own${n} as ${name} };`);
      return {
        contents: `const own = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});
          export default own;
          ${lines.join('\n')}`,
      };
    });
  },
};

/** Where code of a folder asks where it lies, its place below the bundle is the answer. */
export function whereItLies(folder: string): Plugin {
  const root = realpathSync(folder);
  return {
    name: 'where it lies',
    setup(build) {
      build.onLoad({ filter: /\/node_modules\/ava\/.*\.js$/ }, async ({ path }) => {
        const below = relative(root, path);
        if (below.startsWith('..')) return undefined;
        // Chunks lie one folder below the bundle, as what begins does.
        const url = `new URL(${JSON.stringify(`../${below}`)}, import.meta.url).href`;
        return { contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', url) };
      });
    },
  };
}

/** What measures the width of texts: what knows all characters takes 30 ms to make, for each copy of such a library. */
export const CHARACTERS_LATE: Plugin = {
  name: 'characters late',
  setup(build) {
    build.onLoad(
      { filter: /\/(?:string-width|wrap-ansi|slice-ansi|cli-truncate)\/[\w-]+\.js$/ },
      async ({ path }) => ({ contents: charactersLate(await readFile(path, 'utf8')) }),
    );
  },
};

/** Has a library make its segmenter and its expression for emoji when they are used. */
export function charactersLate(code: string): string {
  const late = (method: string) =>
    `const $1 = { made: undefined, ${method}(text) { return (this.made ??= $2).${method}(text); } };`;
  return code
    .replaceAll(/^const (\w+) = (new Intl\.Segmenter\(.*\));$/gm, late('segment'))
    .replaceAll(/^const (\w+) = (\/.*\\p\{RGI_Emoji\}.*\/v);$/gm, late('test'));
}

/**
 * Where code asks where it lies, its source's place is the answer: files lie beside that.
 *
 * @param change of each source
 */
export function whereSourceLies(change = (text: string) => text): Plugin {
  return {
    name: 'where the source lies',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const told = { dirname: dirname(path), filename: path, url: pathToFileURL(path).href };
        const text = await readFile(path, 'utf8');
        const contents = text.replaceAll(
          /\bimport\.meta\.(dirname|filename|url)\b/g,
          (_, name: keyof typeof told) => JSON.stringify(told[name]),
        );
        return { contents: change(contents), loader: 'ts', resolveDir: dirname(path) };
      });
    },
  };
}

import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import type { Page } from 'playwright-core';
import { ourContainers } from '../lab/engine/containers.ts';
import { findEngine } from '../lab/engine/engine.ts';
import { LABEL } from '../lab/engine/labels.ts';
import { PROJECT_ROOT } from '../project.ts';
import { browserPath, startBrowser } from '../report/browser.ts';
import { readResult } from '../result/result.ts';
import { labOf } from '../run/run-folder.ts';
import { SCENARIOS_VARIABLE } from '../scenario/catalogue.ts';
import { eachLine } from '../streams/lines.ts';
import { openedAt, violationsOf } from './browser.fixture.ts';

const MAIN = join(PROJECT_ROOT, 'harness/command-line/main.ts');
const TOLERANCE_MS = 25;
/** As often as a run that the machine disturbed is repeated. */
const ATTEMPTS_MAX = 3;
const OVER_LIMIT_MS = 60_000;
/** A run that the machine disturbed is repeated. */
const REPEATED_LIMIT_MS = 120_000;

interface Options {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly reject: false;
}

/** Where no browser is installed, its tests are skipped. */
const testWithBrowser = (await browserPath()) ? test.serial : test.serial.skip;

async function click(page: Page, part: string, word: string, machine: string): Promise<void> {
  const form = page.locator(`form[data-part=${part}][data-word=${word}]`);
  await form.locator('xpath=ancestor::details').evaluate('(details) => { details.open = true; }');
  await form.locator('select').selectOption(machine);
  await form.locator('button').focus();
  await page.keyboard.press('Enter');
}

testWithBrowser(
  'the master is killed by a click, and what that cost is saved as a scenario that runs',
  async (t) => {
    t.timeout(230_000);
    // Beside scenarios/, so that what is saved finds the harness.
    const scenarios = await mkdtemp(join(PROJECT_ROOT, 'scenarios-live-'));
    t.teardown(() => rm(scenarios, { recursive: true, force: true }));
    await cp(join(PROJECT_ROOT, 'scenarios/master-kill.ts'), join(scenarios, 'master-kill.ts'));
    const env = { [SCENARIOS_VARIABLE]: scenarios };
    const options = { cwd: PROJECT_ROOT, env, reject: false } as const;
    const ui = execa(process.execPath, [MAIN, 'lab', 'ui'], options);
    const address = addressOf(ui);
    const browser = await startBrowser();
    try {
      const { page, complaints } = await openedAt(browser, await address);
      const holder = page.locator('.machine.holder h3');
      let episode = page.locator('#episode-1');
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        const killed = nameOf(await holder.textContent());
        await click(page, 'fault', 'powerOff', killed);
        episode = page.locator(`#episode-${2 * attempt - 1}`);
        await episode.waitFor({ timeout: OVER_LIMIT_MS });
        t.not(nameOf(await holder.textContent()), killed, 'the VIP has moved');
        if ((await episode.locator('.badge.invalid').count()) === 0) break;
        t.log(`invalid, repeated: ${await episode.textContent()}`);
        await click(page, 'heal', 'boot', killed);
        await page.locator(`#episode-${2 * attempt}`).waitFor({ timeout: OVER_LIMIT_MS });
      }
      const figureOf = async (name: string) =>
        Number(await episode.locator(`[data-${name}]`).getAttribute(`data-${name}`));
      const [outageMs, demandedMs] = [await figureOf('outage'), await figureOf('demanded')];
      t.log(`outage ${outageMs} ms, demanded ${demandedMs} ms`);
      t.true(outageMs > 0 && Math.abs(outageMs - demandedMs) <= TOLERANCE_MS, `${outageMs} ${demandedMs}`);
      t.deepEqual(await violationsOf(page), []);
      await page.locator('#save-name').fill('clicked');
      await page.keyboard.press('Enter');
      await page.locator('#save-told', { hasText: 'clicked.ts' }).waitFor();
      t.deepEqual(complaints, []);
    } finally {
      await browser.close();
      ui.kill('SIGINT');
      t.is((await ui).exitCode, 130);
    }
    await followed(t, join(scenarios, 'reports'), options);
  },
);

/** The saved scenario is seen while it runs, and its replay has the figures of the result. */
async function followed(t: ExecutionContext, reports: string, options: Options): Promise<void> {
  // Before the command: a browser that starts slowly would miss the outage.
  const browser = await startBrowser();
  const command = execa(
    process.execPath,
    [MAIN, 'scenario', 'clicked', '--ui', '--reports', reports],
    options,
  );
  try {
    const { page, complaints } = await openedAt(browser, await addressOf(command));
    const topology = page.locator('#topology');
    // Both are there during the outage alone: the page looks by itself, at each of its changes, from before it.
    await Promise.all([
      shows(page, '#topology .machine .badge', 'power loss'),
      shows(page, '#status', 'clients have been cut off'),
    ]);
    const killed = topology.locator('.machine', { has: page.locator('.badge') }).locator('h3');
    const first = nameOf(await killed.textContent());
    await topology.locator('.machine.holder h3', { hasNotText: first }).waitFor({ timeout: OVER_LIMIT_MS });
    await page.locator('body[data-mode=replay]').waitFor({ timeout: REPEATED_LIMIT_MS });
    const { scenarios } = await readResult(join(reports, 'latest'));
    const [{ runs } = { runs: [] }] = scenarios;
    const n = runs.findIndex(({ status }) => status !== 'invalid');
    const run = runs[n];
    if (!run) t.log('each run was invalid: the machine was too busy');
    else {
      if (n > 0) await page.locator('#run').selectOption(`${n}`);
      const episode = page.locator('#episode-1');
      const outage = await episode.locator('[data-outage]').getAttribute('data-outage');
      t.is(run.metrics.outage, Number(outage));
      t.is(await episode.locator('[data-demanded]').count(), 1);
      for (const name of Object.keys(run.phases ?? {}))
        t.is(await episode.locator('tbody th', { hasText: name }).count(), 1, name);
    }
    t.deepEqual(complaints, []);
  } finally {
    await browser.close();
    command.kill('SIGINT');
  }
  const { exitCode, stderr } = await command;
  // 4: the machine was too busy for a verdict, each time.
  t.true(exitCode === 0 || exitCode === 4, `${exitCode}: ${stderr}`);
  t.deepEqual(await leftOf(join(reports, 'latest', 'clicked')), [], 'nothing is left behind');
}

function nameOf(heading: string | null): string {
  return /amphora-\d+/.exec(heading ?? '')?.[0] ?? '';
}

/** The address that a command prints. */
function addressOf({ stderr }: { readonly stderr: Readable }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  eachLine(stderr, (line) => {
    const [found] = /http:\/\/127\S+token=\S+/.exec(line) ?? [];
    if (found) resolve(found);
  }).then(() => reject(new Error('The command ended without an address.')));
  return promise;
}

/** Resolves when one of these elements has this text, for however short a time; rejects when the page is another one before. */
async function shows(page: Page, selector: string, text: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const look = () => {
      const all = [...document.querySelectorAll(${JSON.stringify(selector)})];
      if (all.some((each) => each.textContent.includes(${JSON.stringify(text)}))) resolve();
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    look();
  })`);
}

/** The containers that are left of a scenario's runs: other tests have labs meanwhile. */
async function leftOf(scenario: string): Promise<readonly string[]> {
  const runs = (await readdir(scenario)).map((run) => labOf(join(scenario, run)));
  const labs = new Set(await Promise.all(runs));
  const ours = await ourContainers(await findEngine());
  return ours.filter(({ Labels }) => labs.has(Labels[LABEL.lab])).map(({ Names: [name = ''] }) => name);
}

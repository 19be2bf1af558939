import { Command, Option } from 'commander';
import {
  collect,
  count,
  duration,
  image,
  minimumDemand,
  minimumEffect,
  parallel,
  parameters,
  percent,
  RUNS_MAX,
  reports,
  reuse,
  seed,
} from './options.ts';

const PORT_MAX = 65_535;
const DAY_MINUTES = 24 * 60;
const HOUR_SECONDS = 3600;

/**
 * The command line, with all commands and their options. Each command's module is loaded when it is run: `--help` answers
 * at once.
 *
 * @param finish takes the exit code of the command that was run
 * @param signal ends a command that is under way
 */
export function program(finish: (code: number) => void, signal: AbortSignal): Command {
  const cli = new Command('amphora-testbed')
    .description('Measures how an Octavia amphora pair fails over, and for how long clients are cut off.')
    .helpCommand(false)
    .exitOverride();
  cli
    .command('setup')
    .description('find or start a container engine and build the images; does only what is missing')
    .option('--check', 'change nothing, and say point by point what the machine lacks')
    .action(async ({ check }: { check?: boolean }) => {
      const command = await import('./setup.ts');
      finish(await (check ? command.check() : command.setup(signal)));
    });

  cli
    .command('scenario')
    .description('run scenarios, each in a lab of its own, and report the outage')
    .argument('[names...]', 'names of scenarios, see --list')
    .option('--list', 'list the scenarios by their groups')
    .option('--explain <name>', 'tell what a scenario does, what is predicted, and what must hold')
    .option('--all', 'run all of them')
    .addOption(new Option('--runs <n>', 'repetitions').argParser(count(RUNS_MAX)).default(1))
    .addOption(parallel())
    .addOption(parameters())
    .addOption(seed())
    .addOption(reports())
    .addOption(image())
    .option('--shard <i/n>', "this machine's part of the scenarios, for `merge`")
    .option('--keep', 'leave the lab of a failed run up, and say how to enter it')
    .addOption(reuse())
    .option('--json', 'print result.json; all else goes to standard error')
    .action(async (names, options) => {
      finish(await (await import('./scenario.ts')).scenario(names, options, signal));
    });

  cli
    .command('predict')
    .description('what to expect of a configuration, and which one meets a wanted outage, at which price')
    .addOption(parameters())
    .option('--slo <time>', 'the longest outage that is allowed, e.g. 1s or 800ms')
    .addOption(
      new Option('--loss <percent>', 'so many advertisements in a hundred are lost')
        .argParser(percent)
        .default(0.01, '1'),
    )
    .action(async (options) => finish(await (await import('./predict.ts')).predict(options)));
  cli
    .command('report')
    .description('judge a stored report again, without containers, and render it again')
    .argument('<folder>', 'what a run of scenarios left, e.g. reports/latest')
    .option('--screenshots <folder>', 'draw overview, scenario and trend as a browser shows them, as PNG')
    .action(async (folder, options) => finish(await (await import('./report.ts')).report(folder, options)));

  cli
    .command('nightly')
    .description('run the catalogue under a time budget, and compare it with earlier nights')
    .argument('[names...]', 'names of scenarios; all of them, if none is given')
    .addOption(
      new Option('--budget <time>', 'how long it may take, e.g. 90m or 2h')
        .argParser(duration)
        .default(7_200_000, '2h'),
    )
    .option('--resume [folder]', 'go on with a night that was interrupted; the newest, if none is given')
    .option(
      '--baseline <id>',
      '`rolling`, the nights before of the same environment, or the id of a result',
      'rolling',
    )
    .addOption(minimumEffect())
    .addOption(minimumDemand())
    .option(
      '--accept-demand',
      'what the configuration demands may have changed: say so, raise no alarm, and compare later nights with it',
    )
    .option('--mixed', 'compare with a baseline of another environment too')
    .option('--shard <i/n>', "this machine's part of the catalogue, for `merge`")
    .addOption(reuse())
    .addOption(parallel())
    .addOption(parameters())
    .addOption(seed())
    .addOption(image())
    .option('--history <file>', 'where earlier nights are; history.db in the reports folder, if not given')
    .addOption(reports())
    .option('--json', 'print result.json with the findings; all else goes to standard error')
    .action(async (names, options) => {
      finish(await (await import('./nightly.ts')).nightly(names, options, signal));
    });

  cli
    .command('history')
    .description('show what earlier results measured; import and export them')
    .option('--scenario <name>', 'only this scenario')
    .option('--fingerprint <digest>', 'only this environment')
    .option('--since <date>', 'only results that began since')
    .addOption(new Option('--last <n>', 'only the newest').argParser(count(RUNS_MAX)))
    .option('--add <folder>', 'add the result of a report')
    .option('--import <file>', 'add the results of an export, all or none')
    .option('--export <file>', 'write the results as JSON lines; - is standard output')
    .option('--history <file>', 'the history; history.db in the reports folder, if not given')
    .addOption(reports('where reports are'))
    .option('--json', 'print the points of the trend')
    .action(async (options) => finish(await (await import('./history.ts')).history(options)));
  cli
    .command('compare')
    .description('compare two results: which scenarios became slower, by configuration or by software')
    .argument('<a>', 'the baseline: the folder of a report, or an id of the history')
    .argument('<b>', 'what is compared with it')
    .addOption(minimumEffect())
    .option('--history <file>', 'the history; history.db in the reports folder, if not given')
    .addOption(reports('where reports are'))
    .option('--json', 'print the comparison as JSON')
    .action(async (a, b, options) => finish(await (await import('./compare.ts')).compare(a, b, options)));
  cli
    .command('figures')
    .description(
      "compare a stored pass with what models demand and stories tell: each scenario's excess, each figure",
    )
    .argument('[folder]', 'a report; the newest, if none is given')
    .addOption(reports('where reports are'))
    .option('--json', 'print the table as JSON')
    .action(async (folder, options) => finish(await (await import('./figures.ts')).figures(folder, options)));
  cli
    .command('merge')
    .description('join the results of several machines, such as the shards of a night')
    .argument('<folders...>', 'folders of reports')
    .option('--mixed', 'join results of unequal environments too')
    .option('--incomplete', 'join although a shard is missing')
    .addOption(reports())
    .option('--json', 'print result.json; all else goes to standard error')
    .action(async (folders, options) => finish(await (await import('./merge.ts')).merge(folders, options)));

  cli
    .command('mutate')
    .description('make the system wrong in one way after the other, and see which scenarios notice')
    .argument('[names...]', 'scenarios; otherwise all that a mutation aims at')
    .addOption(
      new Option('--mutation <name>', 'only this one; may be repeated').argParser(collect).default([]),
    )
    .option('--everything', 'each scenario with each mutation, not only those that it is aimed at')
    .addOption(parallel())
    .addOption(seed())
    .option('--json', 'print the cells as JSON instead of the table')
    .action(async (names, options) =>
      finish(await (await import('./mutate.ts')).mutate(names, options, signal)),
    );

  cli
    .command('explore')
    .description('compose random faults and repairs until an invariant breaks; shrink them to a scenario')
    .addOption(new Option('--minutes <n>', 'how long').argParser(count(DAY_MINUTES)).default(5))
    .addOption(seed('seed of the stories'))
    .option('--mutation <name>', 'make the system wrong first, see `mutate`')
    .addOption(image())
    .addOption(reports('where the scenario goes'))
    .option('--json', 'print what was found as JSON; all else goes to standard error')
    .action(async (options) => finish(await (await import('./explore.ts')).runExplore(options, signal)));

  const bench = cli.command('bench').description('measure one thing against another').helpCommand(false);
  bench
    .command('ab', { isDefault: true })
    .description(
      'A against B, interleaved, until the answer is certain or the budget spent; writes review.md',
    )
    .option(
      '--a <variant>',
      'the baseline: advert_int=1 and other parameters, ref=main, release=trixie or image=…',
    )
    .option('--b <variant>', 'what is compared with it, likewise')
    .option('--scenario <name>', 'what both do', 'master-kill')
    .addOption(
      new Option('--budget <time>', 'how long it may take, e.g. 20m')
        .argParser(duration)
        .default(1_200_000, '20m'),
    )
    .addOption(minimumEffect())
    .addOption(new Option('--parallel <n>', 'labs at once').argParser(count(RUNS_MAX)).default(4))
    .addOption(seed())
    .addOption(reports('where the review goes'))
    .option('--json', 'print the review as JSON; all else goes to standard error')
    .action(async (options) => finish(await (await import('./bench-ab.ts')).benchAb(options, signal)));
  bench
    .command('accuracy')
    .description('make outages of known length without VRRP, and say how far the instrument is off')
    .addOption(new Option('--runs <n>', 'of each kind and length').argParser(count(RUNS_MAX)).default(3))
    .action(async (options) => finish(await (await import('./bench-accuracy.ts')).benchAccuracy(options)));

  bench
    .command('cross-check')
    .description('let httperf and fping ask the VIP too, and compare each outage with the gap that they saw')
    .argument('[names...]', 'scenarios; one of each kind of failover, where none is named')
    .addOption(new Option('--runs <n>', 'of each scenario').argParser(count(RUNS_MAX)).default(1))
    .addOption(seed())
    .addOption(reports('where the figures go'))
    .option('--json', 'print them as JSON; all else goes to standard error')
    .action(async (names, options) =>
      finish(await (await import('./bench-cross-check.ts')).benchCrossCheck(names, options)),
    );
  bench
    .command('latency')
    .description('what a request waits in the steady state, during reloads and during a failover')
    .addOption(new Option('--seconds <n>', 'of the steady state').argParser(count(HOUR_SECONDS)).default(10))
    .addOption(reports('where the figures go'))
    .option('--json', 'print them as JSON; all else goes to standard error')
    .action(async (options) => finish(await (await import('./bench-latency.ts')).benchLatency(options)));
  bench
    .command('sensitivity')
    .description('slow the system down by 20 ms, and say how often a few runs find that')
    .addOption(new Option('--runs <n>', 'of each side').argParser(count(RUNS_MAX)).default(36))
    .addOption(parallel())
    .addOption(seed("seed of the faults' phases and of the trials"))
    .addOption(reports('where the figures go'))
    .action(async (options) =>
      finish(await (await import('./bench-sensitivity.ts')).benchSensitivity(options, signal)),
    );

  const lab = cli.command('lab').description('a lab for the hands').helpCommand(false);
  lab
    .command('up')
    .description('build a lab with a load balancer, and keep it until Ctrl-C')
    .option('--load-balancer <file>', "JSON of Octavia's API v2, fully populated")
    .addOption(image())
    .option('--json', 'print one line of JSON once the VIP serves')
    .action(async (options) => finish(await (await import('./lab.ts')).labUp(options, signal)));
  lab
    .command('list')
    .description('list the labs that are up')
    .action(async () => finish(await (await import('./lab.ts')).labList()));
  lab
    .command('exec')
    .description('run a command in amphora-1, amphora-2, client, router, switch or backend-n')
    .argument('<node>')
    .argument('[command...]')
    .option('--lab <name>', 'which lab, where several are up')
    .action(async (node, command, options) =>
      finish(await (await import('./lab.ts')).labExec(node, command, options)),
    );
  lab
    .command('capture')
    .description(
      "write what passes the switch's ports to a file, in pcap, until Ctrl-C; - is standard output",
    )
    .argument('<file>')
    .option('--lab <name>', 'which lab, where several are up')
    .action(async (file, options) =>
      finish(await (await import('./lab.ts')).labCapture(file, options, signal)),
    );
  lab
    .command('down')
    .description('end a lab')
    .argument('[name]', 'which, where several are up')
    .action(async (name) => finish(await (await import('./lab.ts')).labDown(name)));
  lab
    .command('bench')
    .description('measure how fast labs are, interleaved with plain containers on networks of the engine')
    .addOption(new Option('--runs <n>', 'repetitions').argParser(count(RUNS_MAX)).default(5))
    .addOption(new Option('--at-once <n>', 'so many labs side by side, instead').argParser(count(RUNS_MAX)))
    .action(async (options) => finish(await (await import('./lab-bench.ts')).labBench(options)));

  cli
    .command('prune')
    .description('remove every container of ours, those of labs in use too')
    .option('--images', 'and the images')
    .action(async (options) => finish(await (await import('./prune.ts')).prune(options)));
  cli
    .command('render')
    .description('write the configurations that would be uploaded, one folder an amphora')
    .requiredOption('--load-balancer <file>', "JSON of Octavia's API v2, fully populated")
    .requiredOption('--out <folder>', 'where to')
    .addOption(new Option('--profile <name>', 'whose texts').choices(['rocky', 'current']).default('current'))
    .option('--split', 'one haproxy.cfg for each listener, as in Rocky')
    .option('--fit-machine', "apply this machine's file limit")
    .action(async (options) => finish(await (await import('./render.ts')).render(options)));
  cli
    .command('golden')
    .description("have upstream's own renderers make again what the templates are compared with")
    .option('--octavia <folder>', "a git repository of Octavia; without it, Debian's package renders")
    .action(async (options) => finish(await (await import('./golden.ts')).golden(options)));
  cli
    .command('torture')
    .description('deal faults to the harness itself, and look what each leaves behind')
    .argument(
      '[kinds...]',
      'kill, interrupt, engine, disk, memory, clock, sockets, resets, workers, stops, busy, labs, failovers; all where none is named',
    )
    .addOption(
      new Option(
        '--count <n>',
        'how often: kills or interruptions in each stage, master kills amid resets, workers, stops, passes of the catalogue, labs, failovers',
      ).argParser(count(RUNS_MAX)),
    )
    .option('--scenario <names...>', 'for busy: these scenarios instead of the whole catalogue')
    .addOption(seed('seed of the instants'))
    .option('--json', 'print what was dealt and survived as JSON; all else goes to standard error')
    .action(async (kinds, options) =>
      finish(await (await import('./torture.ts')).torture(kinds, options, signal)),
    );
  cli
    .command('controller')
    .description("serve Octavia's API v2 for amphorae that run already")
    .requiredOption('--machines <file>', 'JSON: how the amphorae are reached, see the README')
    .option('--store <file>', 'SQLite file that remembers load balancers and flows', 'controller.sqlite')
    .option('--listen <address>', 'address to serve at; whoever reaches it may use it', '127.0.0.1')
    .addOption(new Option('--port <n>', 'TCP port to serve at').argParser(count(PORT_MAX)).default(9876))
    .option('--certificates <folder>', 'where file:NAME references to TLS material lead', 'certificates')
    .addOption(new Option('--profile <name>', 'whose texts').choices(['rocky', 'current']).default('current'))
    .option('--split', 'one HAProxy for each listener, as in Rocky')
    .option(
      '--fit-machine',
      "a connection limit that this machine's open files hold; without it, what an amphora reports of its own",
    )
    .action(async (options) => finish(await (await import('./controller.ts')).controller(options, signal)));
  cli
    .command('completion')
    .description('print the completion for a shell: source it from its start-up file')
    .argument('<shell>', 'bash or zsh')
    .action(async (shell) => finish(await (await import('./completion.ts')).completion(cli, shell)));
  cli
    .command('reference', { hidden: true })
    .description('print docs/reference.md')
    .action(async () => finish(await (await import('./reference.ts')).reference(cli)));
  cli
    .command('test')
    .description("the product's own tests")
    .argument('[files...]')
    .action(async (files) => finish(await (await import('./test.ts')).test(files, signal)));
  return cli;
}

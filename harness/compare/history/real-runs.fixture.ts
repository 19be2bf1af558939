/**
 * Measured runs of master-kill with Octavia's defaults, valid ones of a busy machine with two cores, ms: from
 * the last advertisement to the fault, and the phases. Nights for the tests are drawn from them.
 */
const MEASURED = [
  [493.33, [3167.61, 0.84, 0, 0.97, 1.14]],
  [913.37, [2726.6, 18.59, 0, 0, 14.96]],
  [360.57, [3280.93, 0.35, 2.08, 0.61, 5.19]],
  [317.55, [3337.07, 10.93, 0, 0, 2.19]],
  [840.87, [2794.42, 2.22, 2.32, 1.3, 6.59]],
  [36.57, [3601.09, 4.65, 0, 0.39, 6.32]],
  [351.34, [3291.22, 0.54, 0.92, 0.26, 6.7]],
] as const;
const NAMES = ['detection', 'promotion', 'announcement', 'learning', 'recovery'] as const;
/** RFC 3768, section 6.1: three intervals of 1 s, and the skew of priority 90. */
const MASTER_DOWN_MS = 3000 + ((256 - 90) / 256) * 1000;

type PhaseName = (typeof NAMES)[number];

/** What a regression does to a phase: the factor by which it takes longer. */
export type Planted = Partial<Record<PhaseName, number>>;

/** What a change of the configuration does: so much more is demanded, ms. */
export interface Demanding {
  readonly moreMs?: number;
}

/**
 * A night's runs: each phase's deviation is drawn from a measured run of its own, the fault's phase evenly.
 *
 * @param random from 0 to 1
 */
export function drawnRuns(
  count: number,
  random: () => number,
  planted: Planted = {},
  { moreMs = 0 }: Demanding = {},
) {
  const masterDownMs = MASTER_DOWN_MS + moreMs;
  const pick = () => MEASURED[Math.floor(random() * MEASURED.length)] ?? MEASURED[0];
  return Array.from({ length: count }, (_, n) => {
    const advertPhase = 30 + 900 * ((n + random()) / count);
    const phases = Object.fromEntries(
      NAMES.map((name, position) => {
        const [measuredPhase, parts] = pick();
        const measured = parts[position] ?? 0;
        const drawn =
          name === 'detection' ? measured + measuredPhase - advertPhase : measured * (0.5 + random());
        return [name, drawn * (planted[name] ?? 1) + (name === 'detection' ? moreMs : 0)] as const;
      }),
    ) as Record<PhaseName, number>;
    const outage = Object.values(phases).reduce((sum, phase) => sum + phase, 0);
    const demanded = masterDownMs - advertPhase;
    return {
      index: n + 1,
      status: 'passed' as const,
      wallMs: 10_000,
      metrics: { advertPhase, outage, excess: outage - demanded },
      phases,
      predicted: {
        outage: { min: demanded, max: demanded },
        atPhaseZero: { min: masterDownMs, max: masterDownMs },
        backup: 'amphora-2',
      },
      over: true,
      episodes: [],
    };
  });
}

/** A night with these scenarios, as the history keeps it. */
export function drawnEntry(
  night: number,
  scenarios: Readonly<Record<string, ReturnType<typeof drawnRuns>>>,
  fingerprint = 'abcdefabcdef',
  backupPriority = 90,
) {
  return {
    id: `night-${String(night).padStart(3, '0')}`,
    startedAt: new Date(Date.UTC(2026, 0, 1 + night, 2)).toISOString(),
    durationMs: 3_600_000,
    command: 'npm run nightly',
    seed: night,
    environment: { engine: 'Docker 20.10', kernel: '6.18', cpus: 2, versions: {}, fingerprint },
    scenarios: Object.entries(scenarios).map(([name, runs]) => ({
      name,
      status: 'passed' as const,
      parameters: { advert_int: 1 },
      runs,
      configurations: { 'amphora-2': { 'keepalived.conf': `priority-${backupPriority}` } },
    })),
    settings: { [`priority-${backupPriority}`]: settingsWith(backupPriority) },
    alarms: [] as string[],
  };
}

/** The backup's settings in a drawn night. */
export function settingsWith(backupPriority: number) {
  return ['vrrp_instance: advert_int 1', `vrrp_instance: priority ${backupPriority}`];
}

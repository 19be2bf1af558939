import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';
import { AGENTS } from '../harness/system/agents.ts';

const STOPPED = demands(
  'as long as HAProxy is stopped, here three advertisement intervals',
  ({ agent = 'own', holder: { advertIntMs }, lastsMs = 3 * advertIntMs, servedMs }) => ({
    min: lastsMs - servedMs - 100,
    max: lastsMs - servedMs + AGENTS[agent].serviceMaxMs,
  }),
);

export default scenario('haproxy-stop-by-agent', {
  title: "the agent stops the master's HAProxy: no failover, clients are refused until it starts again",
  group: 'loss of the master',
  story: `The agent takes HAProxy out of the check script when it stops it, as upstream's does. keepalived then notices
nothing: the VIP stays where no process listens, and the backup, which could serve, gets no request.
Measured: {outage} without service, as long as the story leaves it stopped, and not one packet to the VIP unanswered.`,
  measured: { outage: 3090, packetOutage: 0 },
  parameters: { check_interval: 1 },
  model: STOPPED,
  async run({ master, fault, heal, expect }) {
    const stop = await fault.stopHaproxy(master);
    await expect.vipStays(stop, { intervals: 3 });
    const started = await heal.startHaproxy(master);
    await expect.servedBy(master, started);
  },
});

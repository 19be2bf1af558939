import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('certificate-rotation', {
  title: 'the controller gives both agents new certificates: clients notice nothing',
  group: 'change under load',
  story: `Agents' certificates expire; the controller uploads new ones over connections that use the old. The agent keeps
open connections and shows the new certificate to new ones, without a restart; keepalived and HAProxy are not touched.`,
  model: noOutage,
  async run({ change, expect }) {
    const rotated = await change.rotateCertificates();
    await expect.vipStays(rotated, { intervals: 4 });
    await expect.noRequestLost(rotated);
  },
});

import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('advertisement-loss', {
  title: 'one advertisement in twenty is lost: no false take-over',
  group: 'network',
  story: `The backup takes over only when three advertisements in a row are lost: at 5 % loss that is one chance in 8,000
for each advertisement, or once in two hours at the default interval.`,
  model: noOutage,
  async run({ fault, heal, expect }) {
    const lossy = await fault.loseSomeAdvertisements({ percent: 5 });
    await expect.vipStays(lossy, { intervals: 8 });
    await heal.loseNothing();
    await expect.noRequestLost(lossy);
  },
});

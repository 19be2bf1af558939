import { PATHS } from '../../src/templates/paths.ts';
import type { Mutation } from './mutation.ts';

const PEERS = `$(sed -n '/unicast_peer/,/}/p' ${PATHS.vrrp.configuration} | grep -Eo '[0-9.]{7,}')`;

export const masterNeedsBackup: Mutation = {
  name: 'master-needs-backup',
  says: 'the check script fails when the other amphora does not answer',
  file: 'check script',
  alter: (text) =>
    text.replace(
      'exit $status',
      () => `for peer in ${PEERS}; do ping -c 1 -W 1 $peer || status=1; done\nexit $status`,
    ),
  aims: ['backup-kill', 'backup-return', 'partition'],
};

import type { Program } from '../system/system.ts';
import type { Lab, LabNode } from './lab.ts';

/** What keepalived and HAProxy of a machine were started with, as text; empty where there is no file. */
export async function configurationOf(lab: Lab, node: LabNode): Promise<Readonly<Record<Program, string>>> {
  const { files } = lab;
  const both = `cat ${files.keepalived}; printf '\\0'; cat ${files.haproxy}; true`;
  const [read] = await lab.fabric.run({ argv: lab.inside(node, 'sh', '-c', both) });
  const [keepalived = '', haproxy = ''] = (read?.stdout ?? '').split('\0');
  return { keepalived: lab.wholeKeepalived?.(node) ?? keepalived, haproxy };
}

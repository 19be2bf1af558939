import type { Program } from '../system/system.ts';
import type { Lab, LabNode } from './lab.ts';

/** What keepalived and HAProxy of a machine were started with, as text; empty where there is no file. */
export async function configurationOf(lab: Lab, node: LabNode): Promise<Readonly<Record<Program, string>>> {
  const { files } = lab;
  const machine = node.instance.pid;
  const [keepalived, haproxy] = await lab.fabric.run(
    { machine, read: files.keepalived },
    { machine, read: files.haproxy },
  );
  return {
    keepalived: lab.wholeKeepalived?.(node) ?? keepalived?.stdout ?? '',
    haproxy: haproxy?.stdout ?? '',
  };
}

import type { Amphora } from '../domain/amphora.ts';
import { type KeepalivedInput, renderKeepalived } from '../templates/keepalived.ts';
import { type LvsInput, renderLvs } from '../templates/lvs.ts';
import { type HaproxyProcess, renderProcess, type ServedLoadBalancer } from './haproxy-process.ts';

/** A process of an amphora, and what it serves. */
export interface HaproxyRequest extends ServedLoadBalancer {
  readonly amphora: Amphora;
  readonly process: HaproxyProcess;
}

/** Renders what an amphora is given to run: each file's whole text. */
export interface Renderers {
  /** haproxy.cfg. */
  haproxy(request: HaproxyRequest): Promise<string>;
  /** keepalived.conf. */
  keepalived(request: KeepalivedInput): Promise<string>;
  /** What keepalived serves a UDP or SCTP listener from. */
  lvs(request: LvsInput): Promise<string>;
}

/** The testbed's templates. */
export const OWN_RENDERERS: Renderers = {
  haproxy: async ({ process, ...served }) => renderProcess(served, process),
  keepalived: async (request) => renderKeepalived(request),
  lvs: async (request) => renderLvs(request),
};

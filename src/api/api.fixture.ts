import { Controller } from '../controller/controller.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import type { SecretReader } from '../driver/secret.ts';
import { CloudDouble } from '../flows/cloud.double.ts';
import type { Services } from '../flows/services.ts';
import { openStore } from '../store/sqlite.ts';
import { PATHS } from '../templates/paths.ts';
import { octaviaApi } from './server.ts';
import type { StatisticsSource } from './statistics.ts';

// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at, not used
export type Json = Record<string, any>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** The API before a controller in a cloud, and a client of it. */
export function api(
  options: {
    readonly statistics?: StatisticsSource;
    readonly readSecret?: SecretReader;
    readonly issueCertificate?: Services['issueCertificate'];
  } = {},
) {
  const cloud = new CloudDouble();
  const { compute, network, driver } = cloud;
  const store = openStore(':memory:');
  const bootFiles = async () => [{ path: PATHS.agentConfiguration, content: '', mode: 0o600 }];
  const controller = new Controller({
    compute,
    network,
    driver,
    bootFiles,
    store,
    settings: DEFAULT_SETTINGS,
    ...(options.issueCertificate && { issueCertificate: options.issueCertificate }),
  });
  const app = octaviaApi(controller, options);
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS',
    path: string,
    payload?: object | string,
  ): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({
      method,
      url: path.startsWith('/') ? path : `/v2/${path}`,
      headers,
      ...(payload !== undefined && { payload }),
    });
    return { status: answer.statusCode, body: (answer.body ? JSON.parse(answer.body) : undefined) as Json };
  };
  const active = async (path: string): Promise<Json> => {
    for (;;) {
      const { body } = await ask('GET', path);
      const [object] = Object.values(body);
      if (!String(object.provisioning_status).startsWith('PENDING_')) return body;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** Until nothing is pending any more. */
  const settled = async () => {
    while (
      controller.deployments.some(({ provisioning_status }) => provisioning_status.startsWith('PENDING_'))
    ) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { ask, active, settled, cloud, app };
}

import 'reflect-metadata';
import { X509CertificateGenerator, X509CrlGenerator } from '@peculiar/x509';
import test from 'ava';
import { SecretNotFound } from '../driver/secret.ts';
import { createIdentity } from '../flows/certificate-authority.ts';
import { type Answer, api } from './api.fixture.ts';

const SUBNET = 'd4af86e1-0051-488c-b7a0-527f97490c9a';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Files of TLS material by their references. */
async function secrets(): Promise<Readonly<Record<string, string>>> {
  const { serverAuthority } = await createIdentity();
  const { cert, key } = await serverAuthority.issue('shop', 'server');
  const other = await serverAuthority.issue('other', 'server');
  const newKeys = () => crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const keys = await newKeys();
  const signing = { signingAlgorithm: ALGORITHM, name: 'CN=clients' };
  const authority = await X509CertificateGenerator.createSelfSigned({ ...signing, keys });
  const revoked = async ({ privateKey }: Awaited<ReturnType<typeof newKeys>>) =>
    (
      await X509CrlGenerator.create({
        ...{ issuer: 'CN=clients', signingKey: privateKey, signingAlgorithm: ALGORITHM },
      })
    ).toString('pem');
  return {
    'file:pair.pem': cert + key,
    'file:alone.pem': cert,
    'file:mixed.pem': cert + other.key,
    'file:text.pem': 'no certificate',
    'file:ca.pem': authority.toString('pem'),
    'file:foreign-crl.pem': await revoked(await newKeys()),
    'file:crl.pem': await revoked(keys),
  };
}

async function world() {
  const files = await secrets();
  const { ask, settled } = api({
    readSecret: async (reference) => {
      const text = files[reference];
      if (text === undefined) throw new SecretNotFound(`${reference}: there is no such file.`);
      return text;
    },
  });
  const send = async (...call: Parameters<typeof ask>): Promise<Answer> => {
    const answer = await ask(...call);
    await settled();
    return answer;
  };
  const { body } = await send('POST', 'lbaas/loadbalancers', { loadbalancer: { vip_subnet_id: SUBNET } });
  const loadbalancer_id: string = body.loadbalancer.id;
  let protocol_port = 443;
  const listener = (values: object) =>
    send('POST', 'lbaas/listeners', {
      listener: { loadbalancer_id, protocol: 'TERMINATED_HTTPS', protocol_port: protocol_port++, ...values },
    });
  const pool = (values: object) =>
    send('POST', 'lbaas/pools', {
      pool: { loadbalancer_id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', tls_enabled: true, ...values },
    });
  return { send, listener, pool };
}

test('a listener or pool is refused whose TLS material cannot be read or served', async (t) => {
  const { listener, pool } = await world();
  const own = { default_tls_container_ref: 'file:pair.pem' };
  const asking = { ...own, client_authentication: 'MANDATORY', client_ca_tls_container_ref: 'file:ca.pem' };
  const refused = async (answer: Promise<Answer>, sentence: RegExp) => {
    const { status, body } = await answer;
    t.is(status, 400, sentence.source);
    t.regex(body.faultstring, sentence);
  };
  await refused(
    listener({ default_tls_container_ref: 'file:none.pem' }),
    /^default_tls_container_ref: cannot be read: file:none\.pem: there is no such file\.$/,
  );
  await refused(
    listener({ sni_container_refs: ['file:pair.pem', 'file:none.pem'] }),
    /^sni_container_refs: cannot/,
  );
  await refused(listener({ default_tls_container_ref: 'file:text.pem' }), /must hold a certificate, PEM/);
  await refused(
    listener({ default_tls_container_ref: 'file:alone.pem' }),
    /must hold a certificate with its key/,
  );
  await refused(
    listener({ default_tls_container_ref: 'file:mixed.pem' }),
    /must hold a certificate with its key/,
  );
  await refused(
    listener({ ...asking, client_ca_tls_container_ref: 'file:text.pem' }),
    /^client_ca_tls_container_ref: must hold a certificate/,
  );
  await refused(
    listener({ ...asking, client_crl_container_ref: 'file:ca.pem' }),
    /^client_crl_container_ref: must hold a list of revoked certificates/,
  );
  await refused(
    listener({ ...asking, client_crl_container_ref: 'file:foreign-crl.pem' }),
    /^client_crl_container_ref: must be signed by the authority beside it/,
  );
  await refused(pool({ tls_container_ref: 'file:none.pem' }), /^tls_container_ref: cannot be read/);
  await refused(pool({ ca_tls_container_ref: 'file:none.pem' }), /^ca_tls_container_ref: cannot be read/);
  t.is((await listener({ ...asking, client_crl_container_ref: 'file:crl.pem' })).status, 201);
  t.is((await pool({ ca_tls_container_ref: 'file:ca.pem', crl_container_ref: 'file:crl.pem' })).status, 201);
});

test('a change is refused for what it newly refers to', async (t) => {
  const { send, listener } = await world();
  const { body } = await listener({ default_tls_container_ref: 'file:pair.pem' });
  const change = (values: object) => send('PUT', `lbaas/listeners/${body.listener.id}`, { listener: values });
  t.is((await change({ default_tls_container_ref: 'file:none.pem' })).status, 400);
  t.is((await change({ name: 'sealed' })).status, 200);
});

test('a load balancer in one body is refused by the place of what cannot be read', async (t) => {
  const { send } = await world();
  const tls = { protocol: 'TERMINATED_HTTPS', default_tls_container_ref: 'file:none.pem' };
  const { status, body } = await send('POST', 'lbaas/loadbalancers', {
    loadbalancer: {
      vip_subnet_id: SUBNET,
      listeners: [
        { protocol: 'HTTP', protocol_port: 80 },
        { ...tls, protocol_port: 443 },
      ],
    },
  });
  t.is(status, 400);
  t.regex(body.faultstring, /^listeners\[1\]\.default_tls_container_ref: cannot be read/);
});

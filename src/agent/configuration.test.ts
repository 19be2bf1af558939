import test from 'ava';
import { parseConfiguration } from './configuration.ts';

test("an agent reads its name from the configuration; all else has upstream's defaults", (t) => {
  const { amphora_agent, health_manager, controller_worker } = parseConfiguration(
    '[amphora_agent]\namphora_id = a\n',
  );
  t.is(amphora_agent.agent_tls_protocol, 'TLSv1.2');
  t.is(amphora_agent.agent_request_read_timeout, 180);
  t.is(controller_worker.loadbalancer_topology, 'SINGLE');
  t.deepEqual(health_manager, { controller_ip_port_list: [], heartbeat_interval: 10, heartbeat_key: '' });
});

test('controllers are listed with their ports', (t) => {
  const list = (text: string) =>
    parseConfiguration(
      `[amphora_agent]\namphora_id = a\n[health_manager]\ncontroller_ip_port_list = ${text}\n`,
    ).health_manager.controller_ip_port_list;
  t.deepEqual(list('192.168.0.1:5555, [2001:db8::1]:5556'), [
    { host: '192.168.0.1', port: 5555 },
    { host: '2001:db8::1', port: 5556 },
  ]);
  t.throws(() => list('192.168.0.1'), {
    message: /health_manager\.controller_ip_port_list.*'192\.168\.0\.1' is no address:port/,
  });
});

test('a text that is no configuration is refused by the name of the option', (t) => {
  t.throws(() => parseConfiguration(''), { message: /amphora_agent/ });
  t.throws(() => parseConfiguration('[amphora_agent]\namphora_id = a\nagent_tls_protocol = TLSv1\n'), {
    message: /amphora_agent\.agent_tls_protocol.*"TLSv1.2"/,
  });
});

import test from 'ava';
import { echoRequest } from './packets.ts';

const mac = { from: 'fa:16:3e:00:02:0a', to: 'fa:16:3e:00:02:01' };

test('an echo request goes to the next hop, and is of the VIP’s version of IP', (t) => {
  const four = echoRequest({
    from: { ip: '198.51.100.10', mac: mac.from },
    to: { ip: '172.16.1.10', mac: mac.to },
  });
  t.regex(
    four,
    /^\{ eth\(saddr=fa:16:3e:00:02:0a, daddr=fa:16:3e:00:02:01\), ipv4\(.*daddr=172\.16\.1\.10,.*icmp4\(echorequest\)/,
  );
  const six = echoRequest({
    from: { ip: '2001:db8:1::10', mac: mac.from },
    to: { ip: '2001:db8::10', mac: mac.to },
  });
  t.regex(six, /ipv6\(.*daddr=2001:db8::10, hoplimit=64\), icmp6\(echorequest\)/);
});

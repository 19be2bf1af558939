import test from 'ava';
import { captured, echoRequest } from './packets.ts';

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

test('answers are captured for both versions of IP, and nothing that is not the VIP’s', (t) => {
  t.is(
    captured('172.16.1.10'),
    '((icmp or icmp6) and host 172.16.1.10) or (src host 172.16.1.10 and (udp or (tcp[(tcp[12] & 0xf0) >> 2:4] = 0x48545450)))',
  );
  t.regex(captured('2001:db8::10'), /src host 2001:db8::10 and \(udp or \(ip6\[6\] = 6 and ip6\[40 \+ /);
});

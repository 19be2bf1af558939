import type { Pool } from '../../src/domain/load-balancer.ts';
import type { BackEnd } from './backends.ts';
import type { Fabric } from './fabric/fabric.ts';

/** Answers each datagram with the member's name and the address that it came from, until the lab ends. */
const ANSWERER = `
use Socket qw(getaddrinfo getnameinfo SOCK_DGRAM AI_NUMERICHOST NI_NUMERICHOST NI_NUMERICSERV);
my ($name, $address, $port) = @ARGV;
my ($error, $found) = getaddrinfo($address, $port, { flags => AI_NUMERICHOST, socktype => SOCK_DGRAM });
die "$address: $error" if $error;
socket(my $socket, $found->{family}, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, $found->{addr}) or die "bind: $!";
exit if fork;
open STDIN, '<', '/dev/null'; open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null';
for (;;) {
  defined(my $from = recv($socket, my $asked, 1500, 0)) or next;
  my (undef, $host) = getnameinfo($from, NI_NUMERICHOST | NI_NUMERICSERV);
  send($socket, "X-Member: $name\\r\\nX-Amphora: $host\\r\\n\\r\\n", 0, $from);
}
`;

/** Starts what answers for the members of UDP pools, in the namespaces of their back ends. */
export async function answerDatagrams(
  fabric: Fabric,
  backEnds: readonly BackEnd[],
  pools: readonly Pool[],
): Promise<void> {
  const members = pools.filter(({ protocol }) => protocol === 'UDP').flatMap((pool) => pool.members);
  for (const { name, address } of backEnds) {
    const own = members.filter((member) => member.address === address);
    for (const port of new Set(own.map(({ protocol_port }) => protocol_port))) {
      await fabric.run({
        argv: ['ip', 'netns', 'exec', name, 'perl', '-e', ANSWERER, name, address, String(port)],
      });
    }
  }
}

#!/bin/sh
# Sets up what IPVS needs, run inside the amphora's namespace: what a member answers comes back this way only
# where the datagram left with the amphora's own address. Bears being run again.
modprobe -q ip_vs 2>/dev/null

# Connections are tracked, so that answers find their way back; those to a member that has gone end at once
# (ipvs-sysctl.rst of the kernel).
for setting in conntrack expire_nodest_conn expire_quiescent_template; do
  sysctl -q -w "net.ipv4.vs.$setting=1"
done

nft -f - <<'RULES'
table ip octavia-ipv4
delete table ip octavia-ipv4
table ip octavia-ipv4 {
  chain masq {
    type nat hook postrouting priority 100;
    oifname "eth*" meta l4proto { udp, sctp } masquerade
  }
}
table ip6 octavia-ipv6
delete table ip6 octavia-ipv6
table ip6 octavia-ipv6 {
  chain masq {
    type nat hook postrouting priority 100;
    oifname "eth*" meta l4proto { udp, sctp } masquerade
  }
}
RULES

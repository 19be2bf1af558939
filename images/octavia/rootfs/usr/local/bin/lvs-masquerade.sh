#!/bin/bash
# lvs-masquerade.sh add|delete ipv4|ipv6 INTERFACE [sriov], as upstream's agent calls it (interface_file.py): what a member
# of a UDP or SCTP pool answers comes back this way only where the datagram left with the amphora's own address.
set -eu
action=$1 version=$2 interface=$3 sriov=${4:-}
case $version in
  ipv4) family=ip ;;
  ipv6) family=ip6 ;;
esac
table="$family octavia-$version"

if [ "$action" = delete ]; then
  nft list table $table > /dev/null 2>&1 && nft delete table $table
  exit 0
fi
nft -f - <<RULES
table $table {
  chain ${family}-udp-masq { type nat hook postrouting priority 100; }
  chain ${family}-sctp-masq { type nat hook postrouting priority 100; }
}
add rule $table ${family}-udp-masq oifname "$interface" meta l4proto udp masquerade
add rule $table ${family}-sctp-masq oifname "$interface" meta l4proto sctp masquerade
RULES
[ "$sriov" = sriov ] && exit 0
nft -f - <<RULES
table $table {
  chain prerouting { type filter hook prerouting priority -300; }
  chain output { type filter hook output priority -300; }
}
add rule $table prerouting iifname "$interface" meta l4proto tcp notrack
add rule $table output oifname "$interface" meta l4proto tcp notrack
RULES

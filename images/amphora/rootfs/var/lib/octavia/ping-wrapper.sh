#!/bin/sh
# HAProxy's external check for PING health monitors: $3 is the member's address.
case "$3" in
    *:*) exec ping -6 -q -n -w 1 -c 1 "$3" ;;
    *) exec ping -q -n -w 1 -c 1 "$3" ;;
esac

#!/bin/sh
# keepalived adds: INSTANCE, the name, the state and the priority.
logger -t keepalived-notify "$*"

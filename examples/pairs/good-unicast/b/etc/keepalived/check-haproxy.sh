#!/bin/sh
systemctl is-active --quiet haproxy

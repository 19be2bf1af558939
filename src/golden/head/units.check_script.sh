#!/bin/bash

# Don't try to run the directory when it is empty
shopt -s nullglob

status=0
for file in /var/lib/octavia/vrrp/check_scripts/*
do
  echo "Running check script: " $file
  bash $file
  status=$(( $status + $? ))
done
exit $status
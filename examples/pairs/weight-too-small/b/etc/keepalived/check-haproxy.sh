#!/bin/sh
# HAProxy answers this by itself, whatever its servers do.
curl --silent --fail --max-time 0.8 --output /dev/null http://127.0.0.1:8404/alive

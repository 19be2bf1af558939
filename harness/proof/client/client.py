"""Runs commands of Debian's `openstack`: a line in is a JSON list of its words, a line out is how it ended.

One process for all of them: most of a command's time goes into imports.
"""
import io
import json
import logging
import sys
from contextlib import redirect_stderr, redirect_stdout

from openstackclient import shell

for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    # The shell adds its own, each bound to the streams of its time.
    logging.getLogger().handlers.clear()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = shell.main(json.loads(line))
        except SystemExit as end:
            code = end.code
    print(json.dumps({'code': code, 'stdout': out.getvalue(), 'stderr': err.getvalue()}), flush=True)

"""`python -m leaderboards`."""

import sys

from leaderboards import cli

sys.exit(cli.main())

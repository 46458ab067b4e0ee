"""`python -m cloudlab.design docs` brings the published schema and field tables up to date."""

import sys
from pathlib import Path

from cloudlab.design.published import publish

publish(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))

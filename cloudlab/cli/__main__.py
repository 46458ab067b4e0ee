"""`python -m cloudlab.cli` is `cloudlab`, where the command itself is not on the path."""

from cloudlab.cli import main

main()

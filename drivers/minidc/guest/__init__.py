"""The tiny guest: a Linux of 20 MB that boots in seconds, made from Debian's packages."""

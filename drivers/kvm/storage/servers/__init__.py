"""Volumes on servers that QEMU itself talks to: NFS, iSCSI, Ceph RBD and NBD.

Each is a qcow2 image. What differs from protocol to protocol is in a `Backend`: how an image is
called, which there are, how one gets its name. `volumes` does the rest, for all of them alike.
"""

"""An SSH server in this process: runs commands here and serves one folder by SFTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import paramiko
from paramiko import PKey, ServerInterface, SFTPAttributes, SFTPHandle, SFTPServer, Transport


class Guest(ServerInterface):
    """One connection: who may come in, and what is done for them."""

    def __init__(self, server: SshServer) -> None:
        self.server = server

    def get_allowed_auths(self, username):
        """Keys alone."""
        return "publickey"

    def check_auth_publickey(self, username, key):
        """Admit the keys that the server knows."""
        admitted = key.get_base64() in self.server.admitted
        return paramiko.AUTH_SUCCESSFUL if admitted else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        """Open any channel."""
        self.server.sessions += 1
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        """Run a command beside everything else, or hang up."""
        self.server.commands.append(command.decode())
        if self.server.hangs_up:
            channel.get_transport().close()
            return False
        run = (self.server, channel, command)
        threading.Thread(target=_execute, args=run, daemon=True).start()
        return True

    def check_global_request(self, kind, msg):
        """Refuse, which is an answer, too."""
        self.server.keepalives += 1
        return False


def _execute(server, channel, command):
    """Run a command by the shell, as sshd does, and hand on all that it says."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        ["/bin/sh", "-c", command], stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
    )
    server.processes.append(process)
    pumps = [
        threading.Thread(target=_pump, args=(process.stdout, channel.sendall), daemon=True),
        threading.Thread(target=_pump, args=(process.stderr, channel.sendall_stderr), daemon=True),
    ]
    for pump in pumps:
        pump.start()
    threading.Thread(target=_feed, args=(channel, process.stdin), daemon=True).start()
    code = process.wait()
    with suppress(OSError, EOFError):
        channel.send_exit_status(code if code >= 0 else 128 - code)
        for pump in pumps:
            pump.join()
        channel.shutdown_write()
        channel.close()


def _pump(stream, send):
    with suppress(OSError, EOFError), stream:
        while data := os.read(stream.fileno(), 65_536):
            send(data)


def _feed(channel, stdin):
    with suppress(OSError, EOFError):
        while data := channel.recv(65_536):
            stdin.write(data)
            stdin.flush()
    with suppress(OSError):
        stdin.close()


class Files(paramiko.SFTPServerInterface):
    """The server's folder; paths are below it."""

    def __init__(self, guest, *args, **more):
        self.folder = guest.server.folder

    def _path(self, path):
        return self.folder / path.lstrip("/")

    def _act(self, act):
        try:
            act()
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def open(self, path, flags, attr):
        """Open a file."""
        try:
            file = os.open(self._path(path), flags, 0o644)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)
        handle = SFTPHandle(flags)
        mode = "r+b" if flags & os.O_RDWR else "wb" if flags & os.O_WRONLY else "rb"
        handle.readfile = handle.writefile = os.fdopen(file, mode)
        handle.stat = lambda: SFTPAttributes.from_stat(os.fstat(file))
        return handle

    def stat(self, path):
        """Return size and mode of a file."""
        try:
            return SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)

    def chattr(self, path, attr):
        """Set the mode of a file."""
        return self._act(lambda: self._path(path).chmod(attr.st_mode))

    def posix_rename(self, oldpath, newpath):
        """Give a file another name, in place of what has it."""
        return self._act(lambda: self._path(oldpath).replace(self._path(newpath)))

    def remove(self, path):
        """Take a file away."""
        return self._act(lambda: self._path(path).unlink())


def sessions_groups(leader: int) -> set[int]:
    """Return the process groups in the session of `leader`; `timeout` makes one of its own."""
    command = ["ps", "-o", "pgid=", "-s", str(leader)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    return {int(group) for group in listed.stdout.split()}


class SshServer:
    """A server on a port of this machine, or on a UNIX socket; it can die and come back.

    Attributes:
        commands: the command lines that arrived.
        connections: how many connections were made.
        sessions: how many channels were opened.
        keepalives: how many questions for a sign of life came.
        hangs_up: whether it ends the connection instead of running a command.
    """

    def __init__(self, folder: Path, host_key: PKey, admitted: PKey, door: Path | None = None):
        self.folder, self.host_key, self.door = folder, host_key, door
        self.admitted = {admitted.get_base64()}
        self.commands: list[str] = []
        self.connections = self.sessions = self.keepalives = 0
        self.hangs_up = False
        self.port = 0
        self.transports: list[Transport] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start()

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        if self.door is not None:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.door))
        else:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind(("127.0.0.1", self.port))
            self.port = self.listener.getsockname()[1]
        self.listener.listen()
        threading.Thread(target=self._serve, args=(self.listener,), daemon=True).start()

    def stop(self) -> None:
        """Be gone, as after a power cut; the port refuses connections."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        if self.door is not None:
            self.door.unlink(missing_ok=True)
        for transport in self.transports:
            transport.close()
        self.transports.clear()
        for process in self.processes:
            for group in sessions_groups(process.pid):
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
        self.processes.clear()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                self.connections += 1
                with suppress(paramiko.SSHException, EOFError, OSError):
                    self._greet(sock)

    def _greet(self, sock: socket.socket) -> None:
        transport = Transport(sock)
        self.transports.append(transport)
        transport.add_server_key(self.host_key)
        transport.set_subsystem_handler("sftp", SFTPServer, Files)
        transport.start_server(server=Guest(self), event=threading.Event())

"""The command: a real server in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from symgen.errors import BadOption, DataError
from symgen.serve import run
from symgen.serve.live.music import RATE

CLIENT = """
import sys, json
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request
import socket
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
ws = WSConnection(ConnectionType.CLIENT)
s.sendall(ws.send(Request(host=f"127.0.0.1:{sys.argv[1]}", target="/api/stream?seed=1")))
print("open", flush=True)
while True:
    data = s.recv(1 << 16)
    if not data:
        break
    ws.receive_data(data)
    for event in ws.events():
        pass
"""


@pytest.fixture
def serve():
    """Start servers: serve("--port", "0") returns a process and its address."""
    started = []

    def start(*options):
        command = [sys.executable, "-m", "symgen", "serve", "--port", "0", *options]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        started.append(process)
        line = process.stderr.readline()
        assert line.startswith("open http://"), line
        return process, line.split()[1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


def listeners(address):
    with urllib.request.urlopen(f"{address}healthz") as answer:
        return json.load(answer)["listeners"]


def until(true, seconds):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_it_with_code_0_while_someone_listens(serve):
    process, address = serve("--model", "piano")
    port = address.split(":")[2].strip("/")
    with subprocess.Popen([sys.executable, "-c", CLIENT, port], stdout=subprocess.PIPE) as client:
        client.stdout.readline()
        until(lambda: listeners(address) == 1, 60)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stderr.read() == "stopped\n"
        client.kill()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_listener_that_vanished_is_forgotten(serve):
    _, address = serve("--model", "piano")
    port = address.split(":")[2].strip("/")
    with subprocess.Popen([sys.executable, "-c", CLIENT, port], stdout=subprocess.PIPE) as client:
        client.stdout.readline()
        until(lambda: listeners(address) == 1, 60)
        client.send_signal(signal.SIGSTOP)  # its connection stays open, and nothing answers
        until(lambda: listeners(address) == 0, 60)  # 9 s, on a machine that is not busy
        client.kill()


def test_who_vanished_is_seen_within_ten_seconds():
    made = run.config(run.needed(), None)
    assert 0 < made.ws_ping_interval + made.ws_ping_timeout < 10


def test_beyond_this_computer_the_address_has_a_token():
    with run.bound("127.0.0.1", 0) as listening:
        plain = run.address_of(listening, "127.0.0.1", "")
        port = listening.getsockname()[1]
        assert plain == f"http://127.0.0.1:{port}/"
        assert run.address_of(listening, "::", "secret") == f"http://[::]:{port}/?token=secret"


def test_a_port_that_is_taken_is_one_line(symgen):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, err = symgen("serve", "--port", port)
    assert code == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in err and "--port 0" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("host", ["203.0.113.1", "999.1.1.1"])
def test_a_bad_address_is_one_line(host):
    with pytest.raises(DataError, match="cannot be used"):
        run.bound(host, 0)


def test_a_port_out_of_range_is_one_line():
    with pytest.raises(BadOption, match="port 70000"):
        run.bound("127.0.0.1", 70_000)


def test_without_the_extra_it_says_how_to_install_it(symgen, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, _, err = symgen("serve")
    assert code == 1 and "pip install 'symgen[serve]'" in err


def test_models_of_one_name_are_refused():
    with pytest.raises(BadOption, match="two models are called piano"):
        run.opened(["piano", "piano"])


def test_nothing_of_the_server_is_imported_without_it():
    program = (
        "import sys, symgen; from symgen.cli import run; run(['--help']); "
        "run(['serve', '--help']); "
        "print(sorted({'starlette', 'uvicorn', 'anyio', 'wsproto', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_rate_is_that_of_the_page():
    assert RATE == 44100

"""A small Slurm on this machine: munge, one controller and a few nodes, all of one user, without systemd, control groups or accounting."""
import getpass
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import world
from .world import Failure

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
# Debian puts daemons where a user's search path may not look.
PATH = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"

CONFIGURATION = """\
ClusterName=proof
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={port}
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
AuthType=auth/munge
AuthInfo=socket={folder}/run/munge.sock
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/log/jobcomp.txt
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=50000,batch_sched_delay=0
ReturnToService=2
MinJobAge={memory}
KillWait=2
InactiveLimit=0
SlurmdTimeout={patience}
SlurmctldTimeout=60
MessageTimeout=5
BatchStartTimeout=5
"""


def missing():
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


class Slurm:
    def __init__(self, nodes=3, cpus=2, memory=300, patience=10):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="engram-slurm-"))
        self.count = nodes
        for name in ("munge", "run", "log", "state"):
            (self.folder / name).mkdir()
        # munged refuses a socket that others cannot reach.
        self.folder.chmod(0o755)
        (self.folder / "run").chmod(0o755)
        (self.folder / "munge").chmod(0o700)
        port = random.Random().randrange(20000, 60000 - nodes)
        host = socket.gethostname().split(".")[0]
        text = CONFIGURATION.format(host=host, user=getpass.getuser(), port=port, folder=self.folder, memory=memory, patience=patience)
        for number in range(1, nodes + 1):
            text += "NodeName=n%d NodeHostname=%s NodeAddr=127.0.0.1 Port=%d CPUS=%d RealMemory=4000 State=UNKNOWN\n" % (number, host, port + number, cpus)
        text += "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO\n"
        (self.folder / "slurm.conf").write_text(text)
        self.environment = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"), PATH=PATH, LC_ALL="C")

    def __enter__(self):
        key = self.folder / "munge" / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.run(
            "munged", "--key-file=%s" % key, "--socket=%s/run/munge.sock" % self.folder, "--pid-file=%s/run/munged.pid" % self.folder,
            "--log-file=%s/munge/munged.log" % self.folder, "--seed-file=%s/munge/seed" % self.folder, "--num-threads=2")
        try:
            self.start_controller()
            for number in range(1, self.count + 1):
                self.start_node(number)
            self.wait_until(lambda: len(self.nodes("idle")) == self.count, 30, "the start of all nodes")
        except Exception:
            self.stop()
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.stop()

    def run(self, *words, check=True, seconds=60):
        result = subprocess.run(words, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
        if check and result.returncode != 0:
            raise Failure("%s failed: %s" % (" ".join(words), result.stderr.strip()))
        return result.stdout

    def wait_until(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                logs = [path.read_text(errors="replace")[-1500:] for path in sorted((self.folder / "log").glob("*.log"))]
                raise Failure("%s did not happen within %d s\n%s" % (what, seconds, "\n".join(logs)))
            time.sleep(0.1)

    # Daemons

    def start_controller(self):
        self.run("slurmctld", "-f", str(self.folder / "slurm.conf"))
        self.wait_until(lambda: self.process("slurmctld") is not None, 20, "the start of the controller")

    def start_node(self, number):
        (self.folder / ("spool-n%d" % number)).mkdir(exist_ok=True)
        self.run("slurmd", "-N", "n%d" % number, "-f", str(self.folder / "slurm.conf"))
        self.wait_until(lambda: self.process("slurmd-n%d" % number) is not None, 20, "the start of a node")

    def process(self, name):
        """The process number of a daemon; None where it does not run."""
        path = self.folder / "run" / (name + ".pid")
        try:
            number = int(path.read_text())
            command = pathlib.Path("/proc/%d/cmdline" % number).read_bytes()
        except (OSError, ValueError):
            return None
        return number if name.split("-")[0].encode() in command else None

    def kill(self, name):
        number = self.process(name)
        if number is None:
            return False
        os.kill(number, signal.SIGKILL)
        end = time.monotonic() + 10
        while self.process(name) is not None and time.monotonic() < end:
            time.sleep(0.01)
        return True

    # Nodes and jobs

    def nodes(self, state):
        return set(self.run("sinfo", "--noheader", "--Node", "--states=" + state, "--format=%N", check=False).split())

    def drain(self, number):
        self.run("scontrol", "update", "NodeName=n%d" % number, "State=DRAIN", "Reason=proof", check=False)

    def resume(self, number):
        self.run("scontrol", "update", "NodeName=n%d" % number, "State=RESUME", check=False)

    def jobs(self, states="PENDING,RUNNING"):
        return self.run("squeue", "--noheader", "--array", "--states=" + states, "--format=%i", check=False).split()

    def steps(self):
        """The processes that slurmd started to run the jobs of this Slurm."""
        found = []
        for path in pathlib.Path("/proc").iterdir():
            if path.name.isdigit():
                try:
                    if (path / "comm").read_text().startswith("slurmstepd") and str(self.folder).encode() in (path / "environ").read_bytes():
                        found.append(int(path.name))
                except OSError:
                    pass
        return found

    def own(self):
        """Every daemon that was started with this configuration."""
        found = []
        for path in pathlib.Path("/proc").iterdir():
            if path.name.isdigit() and str(self.folder).encode() in world.command_line(int(path.name)):
                found.append(int(path.name))
        return found

    def job_names(self):
        """The names of all jobs that ended, in the order of their ends."""
        path = self.folder / "log" / "jobcomp.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return [word.split("=", 1)[1] for line in lines for word in line.split() if word.startswith("Name=")]

    def heal(self):
        """Everything runs and every node takes jobs."""
        if self.process("slurmctld") is None:
            self.start_controller()
        for number in range(1, self.count + 1):
            if self.process("slurmd-n%d" % number) is None:
                self.start_node(number)
        self.wait_until(lambda: "UP" in self.run("scontrol", "ping", check=False), 30, "an answer of the controller")
        for number in range(1, self.count + 1):
            if "n%d" % number in self.nodes("drain,draining,down"):
                self.resume(number)

    def stop(self):
        if self.process("slurmctld") is not None:
            self.run("scancel", "--quiet", "--user=%d" % os.getuid(), check=False)
            end = time.monotonic() + 8
            while self.jobs("all") != [] and self.jobs("RUNNING,COMPLETING") and time.monotonic() < end:
                time.sleep(0.1)
        for name in [*("slurmd-n%d" % number for number in range(1, self.count + 1)), "slurmctld", "munged"]:
            number = self.process(name)
            if number is not None:
                os.kill(number, signal.SIGTERM)
        for number in self.steps():
            os.kill(number, signal.SIGKILL)
        end = time.monotonic() + 5
        names = [*("slurmd-n%d" % number for number in range(1, self.count + 1)), "slurmctld", "munged"]
        while any(self.process(name) for name in names) and time.monotonic() < end:
            time.sleep(0.05)
        for name in names:
            self.kill(name)
        for number in self.own():
            world.kill(number)
        shutil.rmtree(self.folder, ignore_errors=True)

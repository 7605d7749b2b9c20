"""Where and with what is measured: programs, data, environments, and the machine's description."""
import csv
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "Benchmarks"
# A program that waits at a barrier or spins before it sleeps would slow the next one's turn.
PAUSE_SECONDS = 0.3


class Setting:
    def __init__(self, arguments):
        self.arguments = arguments
        self.quick = arguments.quick
        self.threads = arguments.threads
        self.data = pathlib.Path(arguments.data) if arguments.data else None
        self.load = os.getloadavg()[0]
        self._runs = {}
        self._scratch = tempfile.TemporaryDirectory(prefix="engram-bench-")
        self.scratch = pathlib.Path(self._scratch.name)
        # The product first, then this package: two builds at once would take each other's processors.
        self.engram = built(ROOT, "engram")
        self.bench = built(BENCHMARKS, "engram-bench")
        self.peers = self._peers(arguments.python or os.environ.get("ENGRAM_PEERS"))
        # A Python with PyTorch; None where there is none.
        self.python = self.peers if self.has_library("torch") else None
        if not self.python:
            print("no PyTorch among the peers: parts that need it only measure Engram; see --help")
        self.versions = self._versions()

    def _peers(self, given):
        python = pathlib.Path(given) if given else BENCHMARKS / ".venv" / "bin" / "python"
        if given and not python.exists():
            sys.exit(f"Benchmarks/run: there is no {python}; see --help")
        return python if python.exists() else None

    def has_library(self, module):
        """Whether the peers' Python can import a module."""
        return self.peers is not None and subprocess.run([self.peers, "-c", f"import {module}"], capture_output=True).returncode == 0

    def _versions(self):
        own = json.loads(subprocess.run([self.bench, "kernels"], check=True, capture_output=True, text=True).stdout)
        versions = {"OpenBLAS": own["library"].split()[1], "kernels": own["kernels"]}
        if self.python:
            code = "import torch; print(torch.__version__, torch.backends.cpu.get_cpu_capability())"
            output = subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True, env=peer_environment()).stdout
            versions["PyTorch"], versions["PyTorch kernels"] = output.split()
        return versions

    def description(self):
        """One line: when, on what, with which versions, and how busy the machine was before."""
        parts = [f"{datetime.date.today()}", f"{processor_name()}, {len(os.sched_getaffinity(0))} processors",
                 f"OpenBLAS {self.versions['OpenBLAS']} with {self.versions['kernels']} kernels"]
        if "PyTorch" in self.versions:
            parts.append(f"PyTorch {self.versions['PyTorch']} (MKL, {self.versions['PyTorch kernels']})")
        return "; ".join(parts) + f"; load before: {self.load:.1f}"

    def folder(self, name):
        """A folder for this run's files: `results` is kept beside the sources, others go when the run ends."""
        path = BENCHMARKS / "results" if name == "results" else self.scratch / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def own_answer(self, service, **options):
        """What a service says that needs no conversation."""
        with self.own_service(service, **options) as own:
            return own.greeting

    def own_service(self, service, **options):
        words = [f"{key}={value}" for key, value in options.items()]
        return Service([self.bench, service, f"threads={self.threads}", *words], os.environ)

    def peer_service(self, script, *words):
        return Service([self.peers, BENCHMARKS / "peers" / script, *map(str, words)], peer_environment())

    def process(self, drop, *options):
        """Runs `engram process`, or recalls what it took before in this run."""
        key = (str(drop), options)
        if key not in self._runs:
            self._runs[key] = self._processed(drop, options)
        return self._runs[key]

    def _processed(self, drop, options):
        output = self.scratch / "result"
        command = [self.engram, "process", drop, "--output", output, "--threads", str(self.threads)]
        for option in options:
            command += ["--set", option]
        began = time.monotonic()
        # In the scratch folder no pipeline.yml of a user changes what is measured.
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.scratch)
        message = child.stderr.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(child.pid, 0)
        took = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise RuntimeError(f"engram process {drop} ended with {child.returncode}: {message[-500:]}")
        report = json.loads((output / "report.json").read_text())
        with open(output / "training.csv", newline="", encoding="utf-8") as file:
            moments = [float(line["seconds"]) for line in csv.DictReader(file) if line["phase"].startswith("training")]
        shutil.rmtree(output)
        return Run(took, usage.ru_maxrss * 1024, report, moments)


@dataclasses.dataclass(frozen=True)
class Run:
    """What one `engram process` came to."""

    seconds: float
    peak_bytes: int
    report: dict
    # Seconds since the start at which each epoch ended.
    epoch_moments: list


class Service:
    """A program that answers a line of JSON to each line it reads."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.greeting = self._answer()

    def ask(self, text, pause=PAUSE_SECONDS):
        time.sleep(pause)
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[:3]} ended with {self.process.wait()}; its message is above")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def built(package, product):
    """Builds a product for release and returns its path."""
    command = ["swift", "build", "-c", "release", "--package-path", str(package), "--product", product]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"Benchmarks/run: {' '.join(command)} failed:\n{result.stdout[-4000:]}{result.stderr[-2000:]}")
    folder = subprocess.run([*command[:-2], "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return pathlib.Path(folder) / product


def peer_environment():
    """The peers' libraries choose for themselves: what an image pins OpenBLAS to is not theirs to suffer."""
    return {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}


def processor_name():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*:\s*(.*)", text)
    wide = " with AVX-512" if " avx512f" in text else ""
    return (name.group(1).strip() if name else platform.machine()) + wide

# Targets for people; .ci/run uses `test` too. Everything is built under .build.

SWIFT ?= swift
# The element-wise and linear-algebra work is optimised C in both; debug builds in about a third of the time.
TEST_CONFIGURATION ?= debug
FORMATTED = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Examples/StoreTenDigits

# Executions of each target of `make fuzz`; a million take from ten seconds to some minutes.
FUZZ_EXECUTIONS ?= 1000000

.PHONY: demo test install deb tarball examples tutorial screenshots docs fuzz crash-matrix disk-faults load soak dropper cluster audit-files lint format bench setup clean

demo: setup ## Train on the sample drops and show where the reports are
	$(SWIFT) build -c release --product engram
	Scripts/demo "$$($(SWIFT) build -c release --show-bin-path)/engram"

# Spectra set the process's count of BLAS threads to one while they run, and tests run side by side: with one throughout, no test's sums
# change under it.
test: export OPENBLAS_NUM_THREADS = 1
test: setup ## Run all tests
ifeq ($(TEST_CONFIGURATION),release)
	$(SWIFT) test -c release -Xswiftc -enable-testing
else
	$(SWIFT) test
endif

# Where `make install` puts everything; DESTDIR is for those who make packages.
PREFIX ?= /usr/local

install: setup ## Install program, manual pages and completions below PREFIX (/usr/local)
	$(SWIFT) build -c release --product engram --static-swift-stdlib
	Scripts/install "$$($(SWIFT) build -c release --show-bin-path)/engram" $(PREFIX) $(DESTDIR)

deb: setup ## Make a Debian package in .build/deb (needs debhelper)
	$(SWIFT) build -c release --product engram --static-swift-stdlib
	Scripts/deb "$$($(SWIFT) build -c release --show-bin-path)/engram" .build/deb

tarball: setup ## Make an archive with the program for machines without its packages in .build/tarball
	$(SWIFT) build -c release --product engram --static-swift-stdlib
	Scripts/tarball "$$($(SWIFT) build -c release --show-bin-path)/engram" .build/tarball

examples: ## Run the programs of Examples/ and look at what they find (needs numpy); without optimisation, as the tests are
	@Scripts/setup examples
	$(SWIFT) build --product engram
	$(SWIFT) build --product StoreTenDigits
	Scripts/examples --self-test
	Scripts/examples "$$($(SWIFT) build --show-bin-path)"

tutorial: setup ## Run what the pages tell people to type, the tutorial from beginning to end (minutes)
	$(SWIFT) build --product engram
	Scripts/tutorial --self-test
	Scripts/tutorial "$$($(SWIFT) build --show-bin-path)/engram"

screenshots: setup ## Take the pictures of pages that the documentation shows anew (needs Chromium)
	$(SWIFT) build -c release --product engram
	Scripts/screenshots "$$($(SWIFT) build -c release --show-bin-path)/engram"

docs: setup ## Build the documentation of the library into .build/documentation
	Scripts/documentation

fuzz: export OPENBLAS_NUM_THREADS = 1
fuzz: export ENGRAM_FUZZ = $(FUZZ_EXECUTIONS)
fuzz: setup ## Throw bent input at every decoder; a crash leaves its input in /tmp/engram-fuzz-TARGET.last (one target: ENGRAM_FUZZ_TARGETS=png)
	$(SWIFT) test -c release -Xswiftc -enable-testing --filter FuzzTests.noInputCrashesADecoder
# Full size; the same at a small size is part of `test`. More options: PROOF="--seed 2 --jobs 4".
crash-matrix: setup ## Kill the program at every file operation and at 500 random moments (a quarter of an hour)
	$(SWIFT) build -c release --product engram
	Scripts/proofs/crash-matrix --binary "$$($(SWIFT) build -c release --show-bin-path)/engram" $(PROOF)

disk-faults: setup ## Let every file operation fail, fill the disk, lock the ledger (half an hour)
	$(SWIFT) build -c release --product engram
	Scripts/proofs/disk-faults --binary "$$($(SWIFT) build -c release --show-bin-path)/engram" $(PROOF)

load: setup ## 10,000 drops at once, 1,000 during 20 restarts, a minute of nothing (about half an hour)
	$(SWIFT) build -c release --product engram
	Scripts/proofs/load --binary "$$($(SWIFT) build -c release --show-bin-path)/engram" $(PROOF)

soak: setup ## Drops, kills, restarts and faults in turn for an hour; PROOF="--minutes 600" for longer
	$(SWIFT) build -c release --product engram
	Scripts/proofs/soak --binary "$$($(SWIFT) build -c release --show-bin-path)/engram" $(PROOF)

dropper: setup ## Change, swap and remove drops while they are taken, and the outbox meanwhile, at 200 random moments (minutes)
	$(SWIFT) build -c release --product engram
	Scripts/proofs/dropper --binary "$$($(SWIFT) build -c release --show-bin-path)/engram" $(PROOF)

cluster: setup ## 200 drops over three nodes of a Slurm that is disturbed at 100 random moments (minutes; needs slurm-wlm and munge)
	$(SWIFT) build -c release --product engram
	Scripts/proofs/cluster --binary "$$($(SWIFT) build -c release --show-bin-path)/engram" $(PROOF)

audit-files: setup ## Drops made to harm under strace: which files are opened and changed, and by whom (seconds; needs strace)
	$(SWIFT) build -c release --product engram
	Scripts/audit-files "$$($(SWIFT) build -c release --show-bin-path)/engram"

lint: ## Check format, imports, file lengths and texts
	$(SWIFT) format lint --strict --recursive $(FORMATTED)
	Scripts/checks/all

format: ## Rewrite the sources in the project's format
	$(SWIFT) format --in-place --recursive $(FORMATTED)

bench: setup ## Measure, and write Documentation/Performance.md; `Benchmarks/run --help` says what it needs
	Benchmarks/run --write

setup: ## Install the Debian packages that are missing
	@Scripts/setup

clean: ## Remove what was built; inbox, outbox and the ledger stay
	rm -rf .build Benchmarks/.build

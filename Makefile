# The commands; CMakePresets.json and plain CMake stand under them. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test fuzz sanitize cross-arm test-arm bench bench-full bench-peers tune install wheel test-wheel test-frameworks models docs clean

BUILD := build/release
PREFIX_ARM := build/aarch64/install
CMAKE := .venv/bin/cmake
CTEST := .venv/bin/ctest
JOBS ?= $(shell nproc)
# Progress: steps done of all, share, time gone and, from ninja 1.12 on, left.
export NINJA_STATUS := [%f/%t %p, %e s, %W left] 
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help:
	@echo 'make demo      set up, build, run worked examples and every operator beside memcpy'
	@echo 'make test      set up, build, run every test, those for AArch64 too where cross compiler and qemu are there'
	@echo 'make fuzz TIME=10m  look for faults by random calls on guarded memory, by threads, by .npy files'
	@echo 'make sanitize  the tests under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer'
	@echo 'make cross-arm library, tool, benchmark and tests for AArch64; the tree to copy there is $(PREFIX_ARM) (PREFIX_ARM=DIR)'
	@echo 'make test-arm  the tests for AArch64, under qemu'
	@echo 'make build     set up, build library, tool, tests and benchmark'
	@echo 'make bench     measure beside copies and the peers that are installed, in minutes; make bench-full: every case'
	@echo 'make bench-peers  installs PyTorch, ONNX Runtime, oneDNN and XNNPACK for it, in .venv-peers (6 GB)'
	@echo 'make tune TUNE="--time 30m"   finds the numbers of schedules/ on this machine (docs/speed/tuning.md)'
	@echo 'make install PREFIX=DIR   headers, archive, tool, CMake package, pkg-config file; DIR can be moved'
	@echo 'make wheel     the package of Python, in build/wheel, for x86-64 and, where make cross-arm was, AArch64'
	@echo 'make test-wheel  the tests of the package, on the wheels, each installed in an environment of its own'
	@echo 'make models    models of others with Kiln in ONNX Runtime and PyTorch: answers, times, bits; the page is build/models/index.html'
	@echo 'make test-frameworks  the tests of the package with ONNX Runtime, PyTorch, JAX and these models, in .venv-frameworks (7 GB)'
	@echo 'make docs      the reference of the API as HTML, in build/docs, by doxygen'
	@echo 'make clean     remove build/ (make distclean: .venv as well)'

setup:
	@scripts/setup.sh

$(BUILD)/build.ninja: | setup
	@$(CMAKE) --preset release

build: $(BUILD)/build.ninja
	@$(CMAKE) --build $(BUILD) -j $(JOBS)

demo: $(BUILD)/build.ninja
	@$(CMAKE) --build $(BUILD) -j $(JOBS) --target kiln_tool
	@.venv/bin/python tools/demo/demo.py --kiln $(BUILD)/bin/kiln

# A tree that was built before asks for what setup has learnt to install since.
test: setup build
	@JOBS=$(JOBS) scripts/test.sh

TIME ?= 10m
fuzz: setup $(BUILD)/build.ninja
	@$(CMAKE) --build $(BUILD) -j $(JOBS) --target kiln_fuzz kiln_tool
	@scripts/fuzz.sh $(TIME)

sanitize: setup $(BUILD)/build.ninja
	@JOBS=$(JOBS) scripts/sanitize.sh

cross-arm: setup $(BUILD)/build.ninja
	@JOBS=$(JOBS) scripts/arm.sh build
	@scripts/arm.sh install '$(PREFIX_ARM)'

test-arm: cross-arm
	@JOBS=$(JOBS) scripts/arm.sh test; status=$$?; \
	  .venv/bin/python scripts/test_summary.py aarch64=build/aarch64/tests.xml && exit $$status

bench bench-full: $(BUILD)/build.ninja
	@$(CMAKE) --build $(BUILD) -j $(JOBS) --target kiln_bench kiln_bench_library
	@.venv/bin/python -m bench run $(if $(filter bench-full,$@),--full)

# TUNE: what kiln-tune takes.
tune: setup $(BUILD)/build.ninja
	@$(CMAKE) --build $(BUILD) -j $(JOBS) --target kiln_bench candidate_check device_check
	@scripts/kiln-tune $(TUNE)

bench-peers: setup
	@scripts/bench_peers.sh

install: build
	@test -n '$(PREFIX)' || { echo 'make install: say where: make install PREFIX=DIR' >&2; exit 2; }
	@$(CMAKE) --install $(BUILD) --prefix '$(PREFIX)'

wheel: build
	@scripts/wheel.sh

test-wheel: wheel
	@for wheel in build/wheel/*.whl; do arch=$${wheel##*_2_28_}; scripts/test_wheel.sh "$${arch%.whl}" || exit 1; done

# MODELS: names, and options of examples/models/main.py.
models: build
	@scripts/frameworks.sh setup
	@scripts/frameworks.sh models --out build/models $(MODELS)

test-frameworks: build
	@scripts/frameworks.sh setup
	@scripts/frameworks.sh test

docs: setup $(BUILD)/build.ninja
	@$(CMAKE) --preset release >/dev/null
	@scripts/docs.sh $(BUILD)/generated/include build/docs

clean:
	rm -rf build

.PHONY: distclean
distclean: clean
	rm -rf .venv .venv-peers .venv-frameworks

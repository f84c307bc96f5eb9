# Everything here works on a machine with only Go, git and make; what the tests
# compare with, they install (make oracles), or say that they cannot.

GO ?= go
# Beside stripping: no inlining (-l) but in the packages of HOT, functions that are
# not aligned, the older garbage collector (short-lived commands never collect), and
# slim, which takes out what only stack traces read, and before that, from copies of
# Go's own packages, what the binary never does (overlay); a linker that puts what common
# commands run together (docs/start.md); no array on the stack for make
# of an unknown size, no checks of range over functions. docs/size.md has what each is
# worth, and what else was tried. TAGS='-tags tiny' leaves out what that page lists.
HOT = nl nl/rtnl httpraw cmd/rawns/internal/cli cmd/rawns/internal/ip
GCFLAGS = -d=variablemakethreshold=0,rangefunccheck=0
# No write barriers, if the overlay has the collector stop the world (cmd/slim/overlay_stopped.go),
# but in what the runtime consists of and calls.
WB = $$(cat $(CURDIR)/bin/overlay/gcflags 2>/dev/null)
BARRIERS = runtime/... internal/... sync/... time
BUILD = CGO_ENABLED=0 GOEXPERIMENT=nogreenteagc $(GO) build -overlay $(CURDIR)/bin/overlay/overlay.json -toolexec $(CURDIR)/bin/linker/tool -trimpath -ldflags "-s -w -funcalign=1" \
	-gcflags "all=$(GCFLAGS) $(WB)" $(foreach p,$(BARRIERS),-gcflags '$p=$(GCFLAGS)') -gcflags "rawns/...=-l $(GCFLAGS) $(WB)" $(foreach p,$(HOT),-gcflags "rawns/$p=$(GCFLAGS) $(WB)") $(TAGS)
SLIM = GOARCH= $(GO) run ./cmd/slim
BIN = bin
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# GOARCH, or GOARCH/VARIANT where the variant is GOARM's or GOMIPS's.
TARGETS = 386 amd64 arm/5 arm/7 arm64 loong64 mips/softfloat mipsle/softfloat \
	mips64 mips64le ppc64 ppc64le riscv64 s390x
# The codec runs under qemu-user on these: GOARCH:qemu's name for it.
QEMU = s390x:s390x mips:mips arm:arm riscv64:riscv64
# What it may take on amd64, in bytes, and what with -tags tiny.
BUDGET = 3770000
BUDGET_TINY = 2000000
# What must not creep into it: each is several hundred kilobytes; of the last two, the edits of
# Go's packages do not know (docs/size.md).
HEAVY = net|net/http|net/netip|encoding/json|flag|fmt|os/exec|text/tabwriter|log|bufio|unique|regexp

.PHONY: all overlay build tiny demo test oracles test-go test-tiny test-kinds test-qemu test-tshark parity foreign boot-lines boot-test boot-test-all boot-memory cross size bench bench-build bench-docs bench-compare bench-http bench-topo memory lint soak clean pictures order

# Several targets write bin/overlay and bin/rawns: with -j one would see the other's half.
.NOTPARALLEL:

all: build

overlay:
	@$(SLIM) -overlay bin/overlay || { rm -f bin/overlay/gcflags; echo "the binary works, but is larger than it could be"; }
	@$(SLIM) -linker bin/linker || echo "the binary works, but takes more memory than it could"

build: overlay ## bin/rawns, static, for this machine
	@$(BUILD) -o $(BIN)/rawns ./cmd/rawns
	@$(SLIM) $(BIN)/rawns || { $(BIN)/rawns --version && echo "$(BIN)/rawns works, but is larger than it could be"; }

tiny: ## bin/tiny/rawns, with less in it
	@$(MAKE) --no-print-directory build TAGS='-tags tiny' BIN=bin/tiny

demo: build ## the article's scene, in a sandbox; no root needed
	@bin/rawns demo

test: oracles test-go test-tiny test-qemu ## all tests, the privileged ones in sandboxes of their own

oracles: ## install what the tests compare with
	@.ci/oracles ip=iproute2 ifconfig=net-tools brctl=bridge-utils ping=iputils-ping curl=curl wget=wget ab=apache2-utils zsh=zsh fish=fish \
		nginx=nginx-light nft=nftables iptables-legacy=iptables strace=strace gcc=gcc qemu-s390x-static=qemu-user-static
	@test -e /usr/include/stdio.h || .ci/oracles no-such-command=libc6-dev

# -v, so that skipped tests can be counted; the log is what .ci/run reads. More
# tests at a time than there are CPUs: they mostly wait for the kernel to take
# namespaces down.
GOTEST = $(GO) test -timeout 60m -parallel 6
test-go: build
	@mkdir -p bin
	@export RAWNS_BINARY=$(CURDIR)/bin/rawns; \
	($(GOTEST) -v ./...; code=$$?; cd bench && $(GOTEST) -v ./... && exit $$code) >bin/test.log 2>&1; code=$$?; \
	grep -E '^(ok|FAIL|panic|\?|---? FAIL|nstest)|^ +--- FAIL' bin/test.log; \
	echo "$$(grep -cE '^ *--- PASS' bin/test.log) passed, $$(grep -cE '^ *--- FAIL' bin/test.log) failed, $$(grep -cE '^ *--- SKIP' bin/test.log) skipped (bin/test.log has the details)"; \
	exit $$code

test-tiny: tiny ## what is in the tiny binary, and what it says of the rest
	@RAWNS_BINARY=$(CURDIR)/bin/tiny/rawns $(GO) test -count=1 -tags tiny -run '^TestTiny' ./cmd/rawns

test-kinds: ## the tests of link kinds that the running kernel may lack, in a virtual machine with Debian's
	@.ci/kinds

boot-lines: build ## the lines of docs/init.md: an initramfs of rawns alone, and a virtual machine that boots it
	@.ci/boot-lines

boot-test: ## one of Debian's kernels, or several, with nothing but rawns: ARCH=armv7, ARCH="mipsel s390x", TINY=1; docs/platforms.md
	@.ci/boot $(if $(TINY),-y) $(or $(ARCH),amd64)

boot-test-all: ## all of them, and the table of docs/platforms.md anew
	@.ci/boot all; code=$$?; .ci/boot -y all || code=1; .ci/boot -t; exit $$code

boot-memory: ## the least memory with which each passes (ARCH=... for some, TINY=1 for the tiny variant); minutes
	@.ci/boot -s $(if $(TINY),-y) $(or $(ARCH),all) && .ci/boot -t

parity: oracles build ## docs/parity.md: each command line that is compared with the original, and what came of it
	@rm -rf bin/parity && mkdir -p bin/parity
	@RAWNS_PARITY=$(CURDIR)/bin/parity $(GOTEST) -count=1 ./cmd/rawns/internal/...
	@$(GO) run ./cmd/rawns/internal/difftest/page bin/parity/cases bin/rawns >bin/parity/page && mv bin/parity/page docs/parity.md

order: overlay ## cmd/slim/order.txt anew: which functions common commands run; amd64, root
	@$(subst -s -w ,,$(BUILD)) -o bin/order/full ./cmd/rawns
	@cp bin/order/full bin/order/rawns && $(SLIM) bin/order/rawns
	@cd bench && $(GO) run ./order ../bin/order/rawns ../bin/order/full >../bin/order/order.txt
	@mv bin/order/order.txt cmd/slim/order.txt

pictures: ## docs/img/*.svg anew, and what else pictures are compared with; look at them in a browser
	@$(GO) test -count=1 ./ns/topo/picture -run 'TestGolden|TestPictures' -update

foreign: build ## scripts and programs of others, with the stock tools and with rawns in their place
	@.ci/foreign bin/rawns

test-tshark: ## what explain says against tshark's decoding; installs it (apt-get, root)
	@.ci/oracles tshark=tshark
	@$(GO) test -count=1 -tags tshark -run TestAgainstTshark ./cmd/rawns/internal/explain

test-qemu: ## the codec's tests on other byte orders and word sizes
	@.ci/oracles qemu-s390x-static=qemu-user-static
	@mkdir -p bin
	@for t in $(QEMU); do \
		arch=$${t%%:*}; \
		for pkg in nl nl/rtnl nl/explain; do \
			CGO_ENABLED=0 GOARCH=$$arch $(GO) test -c -o bin/$$arch.test ./$$pkg && \
			(cd $$pkg && RAWNS_CODEC_ONLY=1 qemu-$${t##*:}-static $(CURDIR)/bin/$$arch.test -test.skip '^(TestKernel|Example)' >/dev/null) && echo "ok $$pkg on $$arch" || { echo "FAIL $$pkg on $$arch"; exit 1; }; \
		done; \
	done

cross: overlay ## bin/rawns-ARCH for every architecture
	@for t in $(TARGETS); do \
		arch=$${t%%/*}; var=$${t#*/}; name=$$arch; \
		case $$t in arm/*) export GOARM=$$var; name=arm$$var;; mips*/*) export GOMIPS=$$var;; esac; \
		GOARCH=$$arch $(BUILD) -o $(BIN)/rawns-$$name ./cmd/rawns || exit 1; \
	done
	@$(SLIM) $(foreach t,$(TARGETS),$(BIN)/rawns-$(if $(filter arm/%,$(t)),arm$(notdir $(t)),$(firstword $(subst /, ,$(t)))))

size: cross ## the size of each, of all and with -tags tiny, what is in it, and whether amd64 keeps its budgets
	@$(MAKE) --no-print-directory cross TAGS='-tags tiny' BIN=bin/tiny
	@printf '%9s %9s\n' all tiny; for f in bin/rawns-*; do n=$${f#bin/}; printf '%9d %9d  %s\n' $$(stat -c %s $$f bin/tiny/$$n) $${n#rawns-}; done
	@for v in '' tiny; do \
		GOARCH=amd64 $(subst -s -w ,,$(BUILD)) $${v:+-tags $$v} -o bin/parts ./cmd/rawns && \
		printf '\namd64%s, by package, before slim:\n' "$${v:+ tiny}" && (cd bench && $(GO) run ./size -top 24 ../bin/parts) || exit 1; \
		test -n "$$v" || $(GO) tool nm bin/parts | sed 's/^ *[0-9a-f]* *[A-Za-z] //' >bin/parts.names; \
	done
	@known=$$(grep -cxFf bin/parts.names cmd/slim/order.txt); all=$$(wc -l <cmd/slim/order.txt); \
	printf '\n%d of the %d functions of cmd/slim/order.txt are in it\n' $$known $$all; \
	test $$((known * 10)) -ge $$((all * 9)) || { echo "make order finds them anew"; exit 1; }
	@check() { n=$$(stat -c %s $$1); test $$n -le $$2 || { echo "$$1 takes $$n bytes; the budget is $$2"; exit 1; }; }; \
	check bin/rawns-amd64 $(BUDGET) && check bin/tiny/rawns-amd64 $(BUDGET_TINY)

# BENCH="codec dumps" measures these parts only, BENCHFLAGS="-n 3 -only veth" only some of each, in so
# many turns; go doc of bench/measure says what else there is. A part is a program in bench/.
PARTS = codec commands topo dumps monitor iproute2 http slow
BENCH = $(PARTS)
BENCHFLAGS =

bench: bench-build ## rawns against others that do the same, in turns; needs root, and a machine at rest for some 12 minutes
	@code=0; for part in $(BENCH); do \
		echo "## $$part"; rm -f bin/bench/$$part.json; \
		bin/bench/$$part -o bin/bench/$$part.json $(BENCHFLAGS) || { echo "$$part failed"; code=1; }; \
	done; \
	bin/bench/report merge bin/bench.json $(BENCH:%=bin/bench/%.json) && exit $$code

bench-build: build
	@.ci/oracles ip=iproute2 busybox=busybox strace=strace gcc=gcc
	@case ' $(BENCH) ' in *' http '*) .ci/oracles nginx=nginx-light lighttpd=lighttpd || exit 1; \
		! apt-cache show darkhttpd >/dev/null 2>&1 || .ci/oracles darkhttpd=darkhttpd;; esac
	@test -e /usr/include/stdio.h || .ci/oracles no-such-command=libc6-dev
	@mkdir -p bin/bench
	@$(GO) build -C bench -o ../bin/bench/ ./...
	@cd bench && $(BUILD) -o ../bin/bench/nothing ./nothing
	@$(SLIM) bin/bench/nothing
	@for f in bench/c/*.c; do n=$${f##*/}; gcc -O2 -Wall -Wextra -static -pthread -o bin/bench/c-$${n%.c} $$f || exit 1; done

bench-docs: ## docs/benchmarks.md, its pictures and its figures, of what was measured last
	@$(GO) run -C bench ./report docs ../docs $(addprefix ../,$(wildcard bin/bench/*.json))

bench-compare: ## make bench-compare OLD=docs/benchmarks.json NEW=bin/bench.json
	@$(GO) run -C bench ./report compare $(abspath $(OLD)) $(abspath $(NEW))

# BENCHFLAGS="-only 'kept connections, 100 clients' -peers nginx,gnet" measures less; bench/http says what else there is.
bench-http: ## the part of bench that asks HTTP servers; some 6 minutes
	@$(MAKE) --no-print-directory bench BENCH=http

memory: ## what memory common commands and idle servers take: part of bench's commands
	@$(MAKE) --no-print-directory bench BENCH=commands

# BENCHFLAGS="-sizes 10,900 -by rawns,script" measures less, BENCHFLAGS=-full more.
bench-topo: bench-build ## the part of bench that makes the article's scene, and many namespaces
	@bin/bench/topo -o bin/bench/topo.json $(BENCHFLAGS)

# SOAK=SECONDS is how long it takes.
soak: build ## rawns httpd under mixed load for a minute: right answers, whole logs, no growth
	@RAWNS_BINARY=$(CURDIR)/bin/rawns SOAK=$${SOAK:-60} $(GO) test -count=1 -v -timeout 24h -run 'TestSoak$$' ./cmd/rawns/internal/httpserver

lint: ## gofmt, go vet on several architectures, staticcheck, what the binary links
	@out=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	@for arch in amd64 386 mips s390x; do CGO_ENABLED=0 GOARCH=$$arch $(GO) vet ./... || exit 1; done
	@CGO_ENABLED=0 $(GO) run $(STATICCHECK) ./...
	@CGO_ENABLED=0 $(GO) vet -tags tiny ./... && CGO_ENABLED=0 $(GO) run $(STATICCHECK) -tags tiny ./...
	@cd bench && $(GO) vet ./... && $(GO) run $(STATICCHECK) ./...
	@out=$$($(GO) list -deps ./cmd/rawns | grep -xE '$(HEAVY)'); test -z "$$out" || { echo "the binary links:" $$out; exit 1; }
	@out=$$($(GO) list -deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' ./cmd/rawns | grep -v -e '^rawns/' -e '^golang.org/x/sys/'); \
		test -z "$$out" || { echo "the binary depends on:" $$out; exit 1; }

clean:
	rm -rf bin

# rightsdesk: `make run` tries it out, `make test` checks all of it.
export CGO_ENABLED = 0

.PHONY: help run build test test-fast lint record-histories bench

help: ## what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: ## the whole desk in one process; ARGS="--demo --data DIR --json …"
	@if [ ! -x bin/devserver ]; then echo "Building. The first build compiles Temporal's server and takes 5 to 10 minutes." >&2; fi
	@cd devserver && go build -o ../bin/devserver .
	@exec bin/devserver $(ARGS)

build: ## bin/rightsdesk
	go build -trimpath -o bin/rightsdesk .

test: ## everything; as root on Debian it installs what it lacks (MariaDB, Chromium, a Chinese font)
	@./install-test-servers
	@$(MAKE) --no-print-directory lint
	go test ./...
	cd devserver && go test -timeout 30m ./...

test-fast: ## the main module alone
	go test ./...

lint: ## formatting and vet
	@test -z "$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go'))" || { gofmt -l $$(git ls-files -co --exclude-standard '*.go'); echo "gofmt would change these"; exit 1; }
	go vet ./...
	cd devserver && go vet ./...

bench: build ## measures the desk and writes docs/performance.md; about ten minutes on an idle machine. ARGS="--parts intake --document=" prints a part
	@cd devserver && go build -o ../bin/devserver .
	@go build -o bin/bench ./bench
	@exec bin/bench --document docs/performance.md --capacity docs/capacity.md --revision $$(git describe --always --dirty) $(ARGS)

RELEASE ?= 0.2
record-histories: ## record what the replay test replays, for RELEASE=0.2; a published release's are never recorded anew
	cd devserver && RIGHTSDESK_RECORD_HISTORIES=$(CURDIR)/workflows/testdata/histories/$(RELEASE) go test -count=1 -run '^TestStoriesReplay$$' ./e2e

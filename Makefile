# rightsdesk: `make run` tries it out, `make test` checks all of it.
export CGO_ENABLED = 0

.PHONY: help run build test test-fast test-production lint record-histories keep-release bench bench-production

help: ## what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: ## the whole desk in one process; ARGS="--demo --data DIR --json …"
	@if [ ! -x bin/devserver ]; then echo "Building. The first build compiles Temporal's server and takes 5 to 10 minutes." >&2; fi
	@cd devserver && go build -o ../bin/devserver .
	@exec bin/devserver $(ARGS)

build: ## bin/rightsdesk
	go build -trimpath -ldflags "-X rightsdesk/command.release=$$(git describe --always --dirty 2>/dev/null || echo unreleased)" -o bin/rightsdesk .

test: ## everything; as root on Debian it installs what it lacks (MariaDB, Chromium, a Chinese font, promtool)
	@./install-test-servers
	@$(MAKE) --no-print-directory lint
	go test ./...
	cd docker/check && GOWORK=off go test ./...
	cd devserver && go test -timeout 30m ./...

test-fast: ## the main module alone
	go test ./...

test-production: ## end to end and under faults in the production shape, on real MySQL (root on Debian)
	@./install-test-servers
	@root=$$(./install-mysql) && cd devserver && \
	RIGHTSDESK_TEST_MYSQL_ROOT=$$root go test -count=1 -p 1 -timeout 90m ./e2e ./faults ./upgrade

lint: ## formatting and vet
	@test -z "$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go'))" || { gofmt -l $$(git ls-files -co --exclude-standard '*.go'); echo "gofmt would change these"; exit 1; }
	go vet ./...
	cd docker/check && GOWORK=off go vet ./...
	cd devserver && go vet ./...

bench: build ## measures the desk and writes docs/performance.md; about twenty minutes on an idle machine. ARGS="--parts intake --document=" prints a part
	@cd devserver && go build -o ../bin/devserver .
	@go build -o bin/bench ./bench
	@exec bin/bench --document docs/performance.md --capacity docs/capacity.md --revision $$(git describe --always --dirty) $(ARGS)

bench-production: build ## measures the production shape, on real MySQL with Temporal on it (root on Debian), and prints; SHAPE=--engine-apart, ARGS="--kinds complaint"
	@./install-test-servers
	@cd devserver && go build -o ../bin/devserver . && go build -o ../bin/productionbench ./productionbench
	@go build -o bin/bench ./bench
	@root=$$(./install-mysql) && RIGHTSDESK_TEST_MYSQL_ROOT=$$root exec bin/productionbench $(SHAPE) -- --parts throughput,cost --document= \
	  --revision $$(git describe --always --dirty) $(ARGS)

RELEASE ?= 0.2
record-histories: ## record what the replay test replays, for RELEASE=0.2; a published release's are never recorded anew
	cd devserver && RIGHTSDESK_RECORD_HISTORIES=$(CURDIR)/workflows/testdata/histories/$(RELEASE) go test -count=1 -run '^TestStoriesReplay$$' ./e2e

keep-release: ## keep this release's sources for the tests that upgrade from it, for RELEASE=0.2
	git archive HEAD -- go.mod go.sum main.go accounts activities api calendar command contract deadline desk evidence health mail metrics \
	  seal store templates ticket tracing verify worker workflows ':(exclude,glob)**/*_test.go' ':(exclude,glob)**/testdata/**' \
	  | gzip -9n > devserver/upgrade/releases/$(RELEASE).tar.gz
